import pg from 'pg';
import { call, create, done, get, portOf, remove, specOf, sql, update } from './client.ts';
import { PLANTS, ranPlants, SHADOW, triggers } from './plants.ts';
import { sideBySide } from './side-by-side.ts';
import { bash, ENV, until } from './stack.ts';
import { versionOf } from './versions.ts';

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const REPOSITORY = { type: 'posix', id: 'disk', base_path: '/backups' };

sideBySide('what users plant in the databases of a Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const id = `planted${String(major)}`;
  const copy = `${id}copy`;
  const [app] = specOf(id).database_users;
  const dba = { username: 'dba', password: 'pw-dba', attributes: ['LOGIN', 'SUPERUSER'] };
  const leaver = { username: 'leaver', password: 'pw-leaver', attributes: ['LOGIN'] };
  const origin = {
    source_database_id: id,
    source_node_name: 'n1',
    source_database_name: id,
    repository: REPOSITORY,
  };
  let base: Record<string, unknown>;
  const users = (...more: object[]) => ({ ...base, database_users: [app, dba, ...more] });
  const at = (path: string): string => `/v1/databases/${id}/${path}`;
  const operation = (path: string, body: object = {}): Promise<void> => done(id, 'POST', at(path), body, 120_000);

  /** Runs statements one by one in a database, as one of the users. */
  const run = async (database: string, user: typeof dba, statements: readonly string[]): Promise<void> => {
    const { username, password } = user;
    const port = await portOf(id);
    const client = new pg.Client({ host: '127.0.0.1', port, user: username, password, database });
    await client.connect();
    try {
      await client.query('SET search_path = public');
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const appUser = { ...dba, ...app, password: `pw-${id}` };

  const superusers = async (): Promise<string[]> =>
    (await sql<{ rolname: string }>(id, 'SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper ORDER BY 1')).map(
      ({ rolname }) => rolname,
    );
  const conditions = async (): Promise<string[]> =>
    ((await get<{ conditions?: { type: string; message: string }[] }>(`/v1/databases/${id}`)).conditions ?? [])
      .filter(({ type }) => type === 'role_elevated')
      .map(({ message }) => message);
  const harmless = async (): Promise<void> => {
    expect(await ranPlants(id)).toEqual([]);
    expect(await superusers()).toEqual(['dba', 'windlass']);
  };

  beforeAll(async () => {
    base = {
      postgres_version: await versionOf(major),
      backup_config: { repositories: [REPOSITORY] },
      scripts: { post_database_create: ['CREATE TABLE made_by_script (n int)'] },
    };
    await create(id, users());
  });
  afterAll(async () => {
    await Promise.all([id, copy].map((one) => remove(one).catch(() => undefined)));
  });

  test('a script of the spec finds and makes things where Postgres would', async () => {
    expect(await sql(id, "SELECT schemaname FROM pg_tables WHERE tablename = 'made_by_script'")).toEqual([
      { schemaname: 'public' },
    ]);
  });

  test('a view in the place of a catalog makes nobody a superuser: a look, a plan, an update', async () => {
    await sql(id, SHADOW);
    await sql(id, `ALTER DATABASE ${id} SET search_path = shadow, pg_catalog, public`);
    await get(at('resources'));
    await call('POST', `/v1/databases/${id}:plan`, { spec: specOf(id, users(leaver)) });
    await update(id, users(leaver));
    await harmless();
    expect(await conditions()).toEqual([]);
  });

  test('the plants work: whoever uses them runs them', async () => {
    for (const database of ['postgres', 'template1'])
      await run(database, dba, [`GRANT CREATE, CONNECT ON DATABASE ${database} TO app`]);
    for (const database of [id, 'postgres', 'template1']) {
      await run(database, appUser, PLANTS);
      await run(database, dba, triggers(database, major));
    }
    await sql(id, 'SELECT extname FROM pg_extension');
    const said = await bash(`docker logs $(docker ps -q --filter label=windlass.database=${id}) 2>&1`);
    expect(said).toContain('planted function view_extension() ran as app in a session of app');
  });

  test('looks, plans and updates run none of it', async () => {
    await run(id, dba, ['DROP EXTENSION pg_stat_statements']);
    await run(id, dba, ['CREATE TABLE public.of_leaver (i int)', 'ALTER TABLE public.of_leaver OWNER TO leaver']);
    await get(at('resources'));
    await call('POST', `/v1/databases/${id}:plan`, { spec: specOf(id, users()) });
    await update(id, { ...users(), postgresql_conf: { work_mem: '9MB' } });
    expect(
      await sql(id, "SELECT tableowner FROM pg_catalog.pg_tables WHERE tablename OPERATOR(pg_catalog.=) 'of_leaver'"),
    ).toEqual([{ tableowner: 'app' }]);
    expect(
      await sql(
        id,
        "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) extnamespace WHERE extname OPERATOR(pg_catalog.=) 'pg_stat_statements'",
      ),
    ).toEqual([{ nspname: 'public' }]);
    await run(id, dba, [`ALTER DATABASE ${id} OWNER TO dba`]);
    await update(id, { ...users(), postgresql_conf: { work_mem: '9MB', max_connections: 77 } });
    await harmless();
  });

  test('operations, backups and their proof run none of it', async () => {
    await operation('nodes/n1/backups', { type: 'full' });
    await sql(id, 'CREATE TABLE public.later AS SELECT 1 AS n');
    const [{ instances: [instance] = [] }] = [await get<{ instances?: { id: string }[] }>(`/v1/databases/${id}`)];
    for (const verb of ['restart', 'stop-instance?force=true', 'start-instance'])
      await operation(`instances/${instance?.id ?? ''}/${verb}`);
    await operation('nodes/n1/backups', { type: 'incr' });
    const { backups } = await get<{ backups: { label: string }[] }>(at('nodes/n1/backups'));
    await operation(`nodes/n1/backups/${backups[0]?.label ?? ''}/verify`);
    await harmless();
  });

  test('a restore and a new database from a backup run none of it', async () => {
    for (const path of ['restore', 'restore:undo', 'restore']) {
      await done(id, 'POST', `/v1/databases/${id}/${path}`, { restore_config: origin }, 120_000);
      await harmless();
    }
    const spec = { ...specOf(copy, base), database_name: id, database_users: [app, dba], restore_config: origin };
    await done(copy, 'POST', '/v1/databases', { id: copy, spec: { ...spec, scripts: undefined } }, 120_000);
    expect(await ranPlants(copy)).toEqual([]);
    await done(copy, 'POST', `/v1/databases/${copy}`, {
      spec: { ...spec, scripts: undefined, postgresql_conf: { work_mem: '7MB' } },
    });
    expect(await ranPlants(copy)).toEqual([]);
    await remove(copy);
  });

  test('a role that is made a superuser by itself is a condition, and an update takes it away', async () => {
    expect(await conditions()).toEqual([]);
    await run(id, dba, ['ALTER ROLE app SUPERUSER', 'CREATE ROLE hidden SUPERUSER']);
    await until('conditions that name both', async () => (await conditions()).length === 2);
    expect(await conditions()).toEqual([
      "user 'app' has rights that nobody declared: SUPERUSER",
      "role 'hidden', which is no user of the spec, has rights that nobody declared: SUPERUSER",
    ]);
    await run(id, dba, ['DROP ROLE hidden']);
    await update(id, { ...users(), postgresql_conf: { work_mem: '8MB' } });
    await until('the conditions to go', async () => (await conditions()).length === 0);
    await harmless();
  });
});
