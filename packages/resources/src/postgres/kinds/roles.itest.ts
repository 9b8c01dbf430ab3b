import pg from 'pg';
import { compose, type StoredDatabase } from '../compose/index.ts';
import type { PostgresSession } from '../clients/ports.ts';
import { refKey } from '../../engine/resource.ts';
import { makeScramVerifier, passwordVersion, type Rotations } from '../spec/index.ts';
import { createAll, deleteAll, kindOf, contextFor } from '../../testing/apply-all.ts';
import { openRealStack, type RealStack } from '../../testing/real-stack.ts';
import { kinds } from './index.ts';
import { withInstance } from './instance.ts';

const VERIFIER = makeScramVerifier('a secret of the test');
type Spec = StoredDatabase['spec'];
type Users = NonNullable<Spec['database_users']>;

const app: Users[number] = { username: 'app', db_owner: true, attributes: ['LOGIN'] };
const dba: Users[number] = { username: 'dba', attributes: ['LOGIN', 'SUPERUSER'] };
const guest: Users[number] = { username: 'guest', attributes: ['LOGIN'] };

let stack: RealStack;
beforeAll(async () => {
  stack = await openRealStack();
});
afterAll(() => stack.close());

describe.each(['15.6', '17.6', '18.6'])('roles of Postgres %s', (version) => {
  const ID = `ro-${version.slice(0, 2)}-${process.pid.toString(36)}`;
  const base: Spec = {
    database_name: 'shop',
    postgres_version: version,
    nodes: [{ name: 'n1', host_ids: ['it-host'] }],
    database_users: [app, dba, guest],
  };
  const versions = Object.fromEntries(['app', 'dba', 'guest'].map((name) => [name, passwordVersion(VERIFIER)]));
  let rotations: Rotations = {};
  const wanted = (users: Users) =>
    compose(
      { spec: { ...base, database_users: users }, passwordVersions: versions, rotations },
      { databaseId: ID, hosts: [stack.host] },
    );
  let statuses = new Map<string, unknown>();
  let current = base.database_users ?? [];
  const service = (): string => wanted(current).find((d) => d.ref.kind === 'swarm.service')?.ref.id ?? '';

  /** The roles are changed to these; returns what the log was told. */
  async function change(users: Users): Promise<string[]> {
    const told: string[] = [];
    const [before, next] = [current, users].map((of) => wanted(of).find((d) => d.ref.kind === 'postgres.roles'));
    if (!before || !next) throw new Error('no roles are composed');
    const context = contextFor(stack.clients, ID, next.ref, statuses, undefined, told);
    const prior = { spec: before.spec, status: statuses.get(refKey(next.ref)) };
    await kindOf(kinds, 'postgres.roles').update?.(next.spec, prior, context);
    current = users;
    return told;
  }
  /** As if the user had never had a second login. */
  async function removeLogins(): Promise<void> {
    const before = wanted(current).find((d) => d.ref.kind === 'postgres.roles');
    rotations = {};
    const next = wanted(current).find((d) => d.ref.kind === 'postgres.roles');
    if (!before || !next) throw new Error('no roles are composed');
    const context = contextFor(stack.clients, ID, next.ref, statuses);
    await kindOf(kinds, 'postgres.roles').update?.(next.spec, { spec: before.spec, status: {} }, context);
  }
  async function drift(): Promise<readonly string[] | undefined> {
    const desired = wanted(current).find((d) => d.ref.kind === 'postgres.roles');
    if (!desired) throw new Error('no roles are composed');
    const context = contextFor(stack.clients, ID, desired.ref, statuses);
    return (await kindOf(kinds, 'postgres.roles').refresh({ spec: desired.spec, status: {} }, context))?.drift;
  }
  const inside = <T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T> =>
    withInstance(stack.clients, service(), database, new AbortController().signal, work);
  const sql = <R extends object>(text: string, database = 'postgres'): Promise<R[]> =>
    inside(database, (session) => session.query<R>(text));
  async function logIn(user: string): Promise<pg.Client> {
    const container = await stack.clients.docker.serviceContainer(service());
    const target = { host: container?.address ?? '', database: 'shop', user, password: 'a secret of the test' };
    const client = new pg.Client({ ...target, application_name: 'their tool', ssl: { rejectUnauthorized: false } });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  const roleNames = async (): Promise<string[]> =>
    (await sql<{ rolname: string }>(`SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'dba', 'guest', 'writers', 'readers')`))
      .map((row) => row.rolname).sort(); // prettier-ignore

  beforeAll(async () => {
    for (const name of ['app', 'dba', 'guest'])
      await stack.clients.secrets.put(`database/${ID}/user/${name}`, VERIFIER);
    statuses = new Map((await createAll(kinds, stack.clients, ID, wanted(current))).statuses);
  });
  beforeEach(() => change([app, dba, guest]));
  afterAll(() => deleteAll(kinds, stack.clients, ID, wanted(current), statuses));

  it('two passwords are good for a while: a second login is the user, and each of them ends by itself', async () => {
    await stack.clients.secrets.put(`database/${ID}/user/app_alt`, VERIFIER);
    const rotate = async (until: { ownUntil?: string; otherUntil?: string }) => {
      rotations = { app: { other: 'app_alt', otherVersion: passwordVersion(VERIFIER), ...until } };
      await change([app, dba, guest]);
      expect(await drift()).toEqual([]);
    };
    const asks = async (user: string): Promise<unknown> => {
      const client = await logIn(user);
      const { rows } = await client.query('CREATE TABLE made (); SELECT tableowner FROM pg_tables WHERE tablename = $$made$$; DROP TABLE made').then((all) => (all as unknown as pg.QueryResult[])[1]!); // prettier-ignore
      await client.end();
      return rows;
    };
    await rotate({ ownUntil: '2099-01-31T12:00:00Z' });
    expect([await asks('app'), await asks('app_alt')]).toEqual([[{ tableowner: 'app' }], [{ tableowner: 'app' }]]);
    await rotate({ ownUntil: '2020-01-31T12:00:00Z' });
    await expect(logIn('app')).rejects.toThrow(/password authentication failed/);
    await (await logIn('app_alt')).end();
    await rotate({ otherUntil: '2020-01-31T12:00:00Z' });
    await (await logIn('app')).end();
    await expect(logIn('app_alt')).rejects.toThrow(/password authentication failed/);
    await sql(`ALTER ROLE app_alt RESET role; ALTER ROLE app_alt VALID UNTIL 'infinity'`);
    expect(await drift()).toEqual(['roles.app_alt.valid_until', 'roles.app_alt.acts_as']);
    await removeLogins();
    expect(await sql(`SELECT rolname FROM pg_roles WHERE rolname ~ '^app'`)).toEqual([{ rolname: 'app' }]);
  });

  it('a superuser that owns an event trigger is removed, and what gives his rights is ours', async () => {
    const client = await logIn('dba');
    await client.query(`
      CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END';
      CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION on_ddl();
      CREATE FUNCTION native() RETURNS int LANGUAGE internal AS 'pg_backend_pid';
      CREATE FOREIGN DATA WRAPPER far;
      CREATE FUNCTION plain() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      CREATE TABLE owned (i int);
      CREATE PUBLICATION everything FOR ALL TABLES;
      CREATE SUBSCRIPTION from_afar CONNECTION 'host=192.0.2.1' PUBLICATION p WITH (connect = false, slot_name = NONE);
      SELECT lo_from_bytea(4711, 'large');`);
    await client.query(`CREATE DATABASE of_dba`);
    const told = await change([app, guest]);
    expect(await roleNames()).toEqual(['app', 'guest']);
    await expect(logIn('dba')).rejects.toThrow();
    const owners = await sql<{ what: string; owner: string }>(
      `SELECT evtname AS what, evtowner::regrole::text AS owner FROM pg_event_trigger WHERE evtname = 'watch'
       UNION ALL SELECT proname || CASE WHEN prosecdef THEN ' definer' ELSE '' END, proowner::regrole::text FROM pg_proc WHERE proname IN ('on_ddl', 'native', 'plain')
       UNION ALL SELECT fdwname, fdwowner::regrole::text FROM pg_foreign_data_wrapper
       UNION ALL SELECT subname || subenabled, subowner::regrole::text FROM pg_subscription
       UNION ALL SELECT pubname, pubowner::regrole::text FROM pg_publication
       UNION ALL SELECT relname, relowner::regrole::text FROM pg_class WHERE relname = 'owned'
       UNION ALL SELECT oid::text, lomowner::regrole::text FROM pg_largeobject_metadata
       UNION ALL SELECT datname, datdba::regrole::text FROM pg_database WHERE datname = 'of_dba' ORDER BY 2, 1`,
      'shop',
    );
    expect(owners.map(({ what, owner }) => `${what} ${owner}`).sort()).toEqual([
      '4711 app', 'everything app', 'far windlass', 'from_afarfalse windlass', 'native windlass', 'of_dba app',
      'on_ddl windlass', 'owned app', 'plain definer app', 'watch windlass',
    ]); // prettier-ignore
    expect(told).toContain("in database 'shop' event trigger watch belongs to 'windlass' now");
    expect(told.join('\n')).toContain('subscription from_afar, which was disabled,');
    await client.end().catch(() => undefined);
    await sql('DROP EVENT TRIGGER watch', 'shop');
    await sql('DROP SUBSCRIPTION from_afar', 'shop');
    await sql('DROP DATABASE of_dba');
  });

  it('a removed user with open transactions on its table and on its own role is out at once', async () => {
    const [client, changing] = await Promise.all([logIn('guest'), logIn('guest')]);
    await sql('GRANT CREATE ON SCHEMA public TO guest', 'shop');
    await client.query('CREATE TABLE of_guest (i int)');
    await client.query('BEGIN; LOCK TABLE of_guest');
    await changing.query(`BEGIN; ALTER ROLE guest SET work_mem = '8MB'; ALTER ROLE guest PASSWORD 'another'`);
    const begun = performance.now();
    await change([app, dba]);
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(await roleNames()).toEqual(['app', 'dba']);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect(await sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'of_guest'`, 'shop')).toEqual([
      { tableowner: 'app' },
    ]);
    await sql('DROP TABLE public.of_guest', 'shop');
  });

  it('whoever else holds a lock is named, the task fails in time, and access stays withdrawn', async () => {
    const [theirs, other] = await Promise.all([logIn('guest'), logIn('dba')]);
    await sql('GRANT CREATE ON SCHEMA public TO guest', 'shop');
    await theirs.query('CREATE TABLE busy (i int)');
    await other.query('BEGIN; SELECT * FROM busy');
    await expect(change([app, dba])).rejects.toThrow(
      /cannot hand over what 'guest' owned in database 'shop': a lock was waited for 20 s, held by process \d+ of 'dba' \(their tool\), busy since 20/,
    );
    await expect(logIn('guest')).rejects.toThrow();
    await other.query('COMMIT');
    await change([app, dba]);
    expect(await roleNames()).toEqual(['app', 'dba']);
    await Promise.all([theirs, other].map((client) => client.end().catch(() => undefined)));
    await sql('DROP TABLE public.busy', 'shop');
  });

  it('a database that nobody can enter is passed over and named', async () => {
    await sql('CREATE DATABASE half');
    await sql('CREATE DATABASE empty');
    await inside('half', async (session) => {
      await session.query(
        'GRANT CREATE ON SCHEMA public TO guest; SET ROLE guest; CREATE TABLE public.there (i int); RESET ROLE',
      );
    });
    await sql(`UPDATE pg_database SET datconnlimit = -2 WHERE datname IN ('half', 'empty')`);
    const told = await change([app, dba]);
    expect(told).toEqual([
      "nobody can enter database 'half', where 'guest' owns something: the role stays there as a name without any access",
    ]);
    expect(await sql(`SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'guest'`)).toEqual([
      { rolcanlogin: false, rolsuper: false },
    ]);
    await sql('DROP DATABASE half');
    await sql('DROP DATABASE empty');
  });

  it('a user that may not log in any more has no session left', async () => {
    const client = await logIn('guest');
    await change([app, dba, { username: 'guest', attributes: ['NOLOGIN'] }]);
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });

  it('what is taken away is gone, also when something else of the same change cannot be made', async () => {
    await change([app, dba, { ...guest, roles: ['pg_monitor'] }]);
    const broken: Users[number] = { username: 'writers', roles: ['nobody made it'] };
    await expect(change([app, { ...dba, attributes: ['LOGIN'] }, guest, broken])).rejects.toThrow('does not exist');
    expect(await sql(`SELECT rolsuper FROM pg_roles WHERE rolname = 'dba'`)).toEqual([{ rolsuper: false }]);
    expect(await sql(`SELECT pg_has_role('guest', 'pg_monitor', 'MEMBER') AS member`)).toEqual([{ member: false }]);
  });

  it('a removed user is out although the password of another one is not known any more', async () => {
    await stack.clients.secrets.remove(`database/${ID}/user/dba`);
    await expect(change([app, dba])).rejects.toThrow("the password of user 'dba' is not stored any more");
    await stack.clients.secrets.put(`database/${ID}/user/dba`, VERIFIER);
    await expect(logIn('guest')).rejects.toThrow();
    await change([app, dba]);
    expect(await roleNames()).toEqual(['app', 'dba']);
  });

  it('the list has no order: memberships may stand before their roles, and turn round', async () => {
    const [writers, readers]: Users = [{ username: 'writers' }, { username: 'readers', roles: ['writers'] }];
    if (!writers || !readers) throw new Error('two roles');
    await change([{ ...app, roles: ['readers'] }, dba, guest, readers, writers]);
    await change([
      { ...app, roles: ['readers'] },
      dba,
      guest,
      { username: 'readers' },
      { ...writers, roles: ['readers'] },
    ]);
    expect(
      await sql(`SELECT roleid::regrole::text AS role, member::regrole::text AS member FROM pg_auth_members
                  WHERE roleid::regrole::text IN ('readers', 'writers') ORDER BY 1, 2`),
    ).toEqual([{ role: 'readers', member: 'app' }, { role: 'readers', member: 'writers' }]); // prettier-ignore
  });
});
