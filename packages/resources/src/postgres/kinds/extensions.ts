import { z } from 'zod';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { database } from './database.ts';
import { byScope } from './by-scope.ts';
import { defineResource } from './define.ts';
import { inDatabase } from '../inside/in-database.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { withPrimary } from '../inside/with-primary.ts';

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
  migrations: [byScope],
  spec,
  status: z.strictObject({ installed: z.array(z.string()) }),
  id: (s) => `${s.nodeName}:${s.databaseName}`,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [{ ref: database.ref(`${s.nodeName}:${s.databaseName}`) }],
  within: (s) => patroniCluster.ref(s.scope),

  refresh: (prior, { clients, signal }) =>
    inDatabase(clients, prior.spec, signal, async (session) => {
      const installed = (await session.query<{ extname: string }>(INSTALLED)).map((row) => row.extname);
      const missing = prior.spec.names.filter((name) => !installed.includes(name));
      return { status: { installed: prior.spec.names }, drift: missing.map((name) => `names.${name}`) };
    }),
  create: install,
  update: (s, _prior, context) => install(s, context),
  delete: () => Promise.resolve(),
});

const INSTALLED = 'SELECT extname FROM pg_catalog.pg_extension ORDER BY extname';

/** Where people look for them. */
const SCHEMA = 'public';
/** Where the owner of the database has dropped that one. */
const OWN_SCHEMA = 'windlass';

/** One that is there stays in the schema it is in. Its owner is the superuser, and nobody's search path has a say in it. */
function install(s: z.output<typeof spec>, { clients, signal }: Context<Clients>): Promise<{ installed: string[] }> {
  return withPrimary(clients, s.scope, s.databaseName, signal, async (session) => {
    const installed = (await session.query<{ extname: string }>(INSTALLED)).map((row) => row.extname);
    const missing = s.names.filter((name) => !installed.includes(name));
    if (missing.length === 0) return { installed: s.names };
    const schema = await schemaFor(session);
    const statements = missing.map(
      (name) => `CREATE EXTENSION IF NOT EXISTS ${session.identifier(name)} SCHEMA ${session.identifier(schema)}`,
    );
    await session.query(statements.join(';\n'));
    return { installed: s.names };
  });
}

async function schemaFor(session: PostgresSession): Promise<string> {
  const found = await session.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [SCHEMA]);
  if (found.length > 0) return SCHEMA;
  await session.query(`CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA}; GRANT USAGE ON SCHEMA ${OWN_SCHEMA} TO PUBLIC`);
  return OWN_SCHEMA;
}
