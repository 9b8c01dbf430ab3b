import { compose, type StoredDatabase } from '../compose/index.ts';
import { observe } from '../../engine/index.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { createAll, deleteAll, kindOf, contextFor } from '../../testing/apply-all.ts';
import { openRealStack, type RealStack } from '../../testing/real-stack.ts';
import { kinds } from './index.ts';
import { withInstance } from './instance.ts';
import type { ResourceRecord } from '../../engine/records.ts';

const ID = `co-${process.pid.toString(36)}`;
const stored: StoredDatabase = {
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    nodes: [{ name: 'n1', host_ids: ['it-host'] }],
    database_users: [{ username: 'app', db_owner: true, attributes: ['LOGIN'] }],
    scripts: { post_database_create: ['CREATE TABLE made_by_script (i int)'] },
  },
  passwordVersions: {},
};

let stack: RealStack;
let statuses: ReadonlyMap<string, unknown> = new Map();
const wanted = (): Desired[] => compose(stored, { databaseId: ID, hosts: [stack.host] });
const of = (kind: string): Desired => {
  const found = wanted().find((d) => d.ref.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
};
const CONTENTS = ['postgres.database', 'postgres.extensions', 'postgres.script'];
const sql = <R extends object>(text: string, database = 'postgres'): Promise<R[]> => {
  const service = of('swarm.service').ref.id;
  return withInstance(stack.clients, service, database, new AbortController().signal, (s) => s.query<R>(text));
};

/** What a look at the world says of what is inside Postgres, as a plan would get it. */
async function findings() {
  const records = CONTENTS.map(of).map(
    (d) => ({ ...d, phase: 'ready', status: statuses.get(refKey(d.ref)) }) as unknown as ResourceRecord,
  );
  const world = { clients: stack.clients, kind: (name: string) => kindOf(kinds, name) };
  const run = { signal: new AbortController().signal, progress: () => undefined };
  const seen = await observe(world, { kind: 'database', id: ID }, records, records, run);
  return new Map(seen.flatMap(({ ref, finding }) => (finding ? [[ref.kind, finding] as const] : [])));
}
async function create(kind: string): Promise<string[]> {
  const told: string[] = [];
  const d = of(kind);
  await kindOf(kinds, kind).create(d.spec, contextFor(stack.clients, ID, d.ref, statuses, undefined, told));
  return told;
}

beforeAll(async () => {
  stack = await openRealStack();
  statuses = (await createAll(kinds, stack.clients, ID, wanted())).statuses;
});
afterAll(async () => {
  await deleteAll(kinds, stack.clients, ID, wanted(), statuses);
  await stack.close();
});

test('of a database that was dropped all that was in it is missing, and is made anew', async () => {
  expect((await findings()).size).toBe(0);
  await sql('DROP DATABASE shop WITH (FORCE)');
  const found = await findings();
  for (const kind of CONTENTS) expect(found.get(kind)).toMatchObject({ missing: true });
  for (const kind of CONTENTS) await create(kind);
  expect((await findings()).size).toBe(0);
  expect(await sql(`SELECT extname FROM pg_extension WHERE extname = 'pg_stat_statements'`, 'shop')).toHaveLength(1);
  expect(await sql(`SELECT 1 FROM pg_tables WHERE tablename = 'made_by_script'`, 'shop')).toHaveLength(1);
});

test('a database whose connections were switched off is no longer as it should be, and can be entered again', async () => {
  await sql('ALTER DATABASE shop ALLOW_CONNECTIONS false');
  const found = await findings();
  expect(found.get('postgres.database')?.drift).toEqual(['connections']);
  expect(found.get('postgres.extensions')?.unreachable).toBe("nobody can connect to database 'shop'");
  expect(await create('postgres.database')).toEqual([
    "connections to database 'shop' had been switched off, and are allowed again",
  ]);
  expect((await findings()).size).toBe(0);
});

test('what an interrupted DROP DATABASE left is named, and never taken for a database', async () => {
  await sql(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'shop'`);
  expect((await findings()).get('postgres.database')?.drift).toEqual(['connections']);
  await expect(create('postgres.database')).rejects.toThrow(
    "database 'shop' is what an interrupted DROP DATABASE left, nobody can enter it: drop it, then update again",
  );
  await sql('DROP DATABASE shop');
  for (const kind of CONTENTS) await create(kind);
  expect((await findings()).size).toBe(0);
});

test('to another owner moves what the former one had in the database, but nothing that would make a superuser of it', async () => {
  for (const one of ['ROLE dba SUPERUSER LOGIN', 'DATABASE others OWNER dba']) await sql(`CREATE ${one}`);
  await sql('ALTER DATABASE shop OWNER TO dba');
  await sql(
    `SET ROLE dba; CREATE TABLE public.moved (i int);
     CREATE FUNCTION public.plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION public.fires() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
     CREATE FUNCTION public.native() RETURNS int LANGUAGE internal STABLE SECURITY DEFINER AS 'pg_backend_pid';
     CREATE EVENT TRIGGER fires ON ddl_command_end EXECUTE FUNCTION public.fires();
     CREATE FOREIGN DATA WRAPPER wrapper;
     ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; RESET ROLE`,
    'shop',
  );
  const told: string[] = [];
  const d = of('postgres.database');
  const prior = { spec: { ...(d.spec as object), owner: 'dba' }, status: { owner: 'dba' } };
  await kindOf(kinds, d.ref.kind).update?.(
    d.spec,
    prior,
    contextFor(stack.clients, ID, d.ref, statuses, undefined, told),
  );
  const owners = await sql(
    `SELECT relname AS what, relowner::regrole::text AS owner FROM pg_class WHERE relname = 'moved'
     UNION ALL SELECT proname, proowner::regrole::text || CASE WHEN prosecdef THEN ' definer' ELSE '' END FROM pg_proc WHERE proname IN ('plain', 'fires', 'native')
     UNION ALL SELECT 'trigger ' || evtname, evtowner::regrole::text FROM pg_event_trigger WHERE evtname = 'fires'
     UNION ALL SELECT fdwname, fdwowner::regrole::text FROM pg_foreign_data_wrapper
     UNION ALL SELECT 'database ' || datname, datdba::regrole::text FROM pg_database WHERE datname IN ('shop', 'others')
     UNION ALL SELECT 'defaults', defaclrole::regrole::text FROM pg_default_acl WHERE defaclrole = 'app'::regrole ORDER BY 1`,
    'shop',
  );
  expect(owners).toEqual([
    { what: 'database others', owner: 'dba' },
    { what: 'database shop', owner: 'app' },
    { what: 'defaults', owner: 'app' },
    { what: 'fires', owner: 'windlass' },
    { what: 'moved', owner: 'app' },
    { what: 'native', owner: 'windlass' },
    { what: 'plain', owner: 'app' },
    { what: 'trigger fires', owner: 'windlass' },
    { what: 'wrapper', owner: 'windlass' },
  ]);
  expect(told.sort()).toEqual([
    "event trigger fires belongs to 'windlass' now",
    "foreign-data wrapper wrapper belongs to 'windlass' now",
    "function public.fires() belongs to 'windlass' now",
    "function public.native(), now SECURITY INVOKER, belongs to 'windlass' now",
  ]);
  await sql('DROP DATABASE others');
});
