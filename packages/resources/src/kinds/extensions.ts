import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Scope } from '../engine/resource.ts';
import { database } from './database.ts';
import { defineResource } from './define.ts';
import { inDatabase } from './in-database.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { withPrimary } from './with-primary.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  names: z.array(z.string()),
});

/** Extensions of the application's database. One that is taken out of the list stays: others may have begun to use it. */
export const extensions = defineResource({
  kind: 'postgres.extensions',
  version: 2,
  spec,
  status: z.strictObject({ installed: z.array(z.string()) }),
  id: (s) => `${s.nodeName}:${s.databaseName}`,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [{ ref: database.ref(`${s.nodeName}:${s.databaseName}`) }],
  within: (s) => patroniCluster.ref(s.scope),

  refresh: (prior, { clients, signal }) =>
    inDatabase(clients, prior.spec, signal, async (session) => {
      const rows = await session.query<{ extname: string }>(
        `SELECT extname FROM pg_catalog.pg_extension ORDER BY extname`,
      );
      const installed = rows.map((row) => row.extname);
      const missing = prior.spec.names.filter((name) => !installed.includes(name));
      return { status: { installed: prior.spec.names }, drift: missing.map((name) => `names.${name}`) };
    }),
  create: install,
  update: (s, _prior, scope) => install(s, scope),
  delete: () => Promise.resolve(),
});

function install(s: z.output<typeof spec>, { clients, signal }: Scope<Clients>): Promise<{ installed: string[] }> {
  return withPrimary(clients, s.scope, s.databaseName, signal, async (session) => {
    const statements = s.names.map((name) => `CREATE EXTENSION IF NOT EXISTS ${session.identifier(name)}`);
    if (statements.length > 0) await session.query(statements.join(';\n'));
    return { installed: s.names };
  });
}
