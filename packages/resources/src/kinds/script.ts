import { z } from 'zod';
import { domainErrorOf, DomainError } from '../errors/index.ts';
import { defineResource } from './define.ts';
import { inDatabase } from './in-database.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { withPrimary } from './with-primary.ts';

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
    await withPrimary(clients, s.scope, s.databaseName, signal, async (session) => {
      const mark = `windlass.${s.name}`;
      await session.transaction(async () => {
        const done = await session.query(
          `SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
            WHERE d.datname = current_database() AND s.setrole = 0 AND EXISTS (SELECT 1 FROM unnest(s.setconfig) c WHERE c = $1)`,
          [`${mark}=done`],
        );
        if (done.length > 0) return;
        await session.query(`ALTER DATABASE ${session.identifier(s.databaseName)} SET ${mark} = 'done'`);
        for (const [i, statement] of s.statements.entries()) await run(session.query(statement), s.name, i);
      });
    });
    return { ran: true };
  },
  update: (_s, prior) => Promise.resolve(prior.status ?? { ran: true }),
  delete: () => Promise.resolve(),
});

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
