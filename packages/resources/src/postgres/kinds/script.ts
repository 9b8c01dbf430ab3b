import { z } from 'zod';
import type { PostgresSession } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { byScope } from './by-scope.ts';
import { defineResource } from './define.ts';
import { inDatabase } from '../inside/in-database.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { withPrimary } from '../inside/with-primary.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  name: z.enum(['post_init', 'post_database_create']),
  databaseName: z.string(),
  statements: z.array(z.string()),
  /** Resources that must be there first. */
  after: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
});

/**
 * SQL that runs once. The mark that it ran is set in the same transaction, as a setting of the database, so that a
 * crash at any moment leaves it either done or not begun. Later edits of the script have no effect.
 */
export const script = defineResource({
  kind: 'postgres.script',
  version: 2,
  migrations: [byScope],
  slow: true,
  spec,
  status: z.strictObject({ ran: z.boolean() }),
  id: (s) => `${s.nodeName}:${s.name}`,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => s.after.map((ref) => ({ ref })),
  within: (s) => patroniCluster.ref(s.scope),

  /** In a database that was dropped it has not run: in the one that is made anew it will. */
  refresh: (prior, { clients, signal }) =>
    inDatabase(clients, prior.spec, signal, () =>
      Promise.resolve({ status: prior.status ?? { ran: true }, drift: [] }),
    ),
  async create(s, { clients, signal }) {
    const work = async (session: PostgresSession): Promise<void> => {
      const mark = `windlass.${s.name}`;
      await session.transaction(async () => {
        const done = await session.query(
          `SELECT 1 FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
            WHERE d.datname = pg_catalog.current_database() AND s.setrole = 0
              AND EXISTS (SELECT 1 FROM pg_catalog.unnest(s.setconfig) c WHERE c = $1)`,
          [`${mark}=done`],
        );
        if (done.length > 0) return;
        await session.query(`ALTER DATABASE ${session.identifier(s.databaseName)} SET ${mark} = 'done'`);
        await session.query(ORDINARY);
        for (const [i, statement] of s.statements.entries()) await run(session.query(statement), s.name, i);
      });
    };
    await withPrimary(clients, s.scope, s.databaseName, signal, work, 'script');
    return { ran: true };
  },
  update: (_s, prior) => Promise.resolve(prior.status ?? { ran: true }),
  delete: () => Promise.resolve(),
});

/**
 * What a script may rely on: Postgres' own search path, and event triggers. It runs as the superuser, as it always has, and what
 * its names mean is its author's to say: where others may write to `public`, a name without a schema may be theirs.
 */
const ORDINARY = `SET LOCAL search_path = "$user", public;
SELECT pg_catalog.set_config(name, 'on', true) FROM pg_catalog.pg_settings WHERE name = 'event_triggers'`;

async function run(call: Promise<unknown>, name: string, index: number): Promise<void> {
  try {
    await call;
  } catch (err) {
    const domain = domainErrorOf(err);
    if (domain?.code !== 'postgres_rejected') throw err;
    throw new DomainError('script_failed', `scripts.${name}[${String(index)}] failed: ${domain.message}`, {
      cause: err,
    });
  }
}
