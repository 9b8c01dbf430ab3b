import pg from 'pg';
import { accept, call, completed, done, ended, get, logOf, portOf, remove, type Task } from './client.ts';
import { asSuperuser } from './container.ts';
import { sideBySide } from './side-by-side.ts';
import { bash, ENV, HOST, until } from './stack.ts';
import { versionOf } from './versions.ts';

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const READY_MS = 120_000;
/** The database itself is entered once a minute. */
const LOOKED_WITHIN_MS = 90_000;

const user = (username: string, ...attributes: string[]) => ({ username, password: `pw-${username}`, attributes });
const app = { ...user('app', 'LOGIN'), db_owner: true };
const cdc = user('cdc', 'LOGIN', 'REPLICATION');
const dba = user('dba', 'LOGIN', 'SUPERUSER');
const guest = user('guest', 'LOGIN');

interface Condition {
  readonly type: string;
  readonly message: string;
}

sideBySide('made by others, on Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const id = `others${String(major)}`;
  let version = '';
  const spec = (conf: object = {}, users: readonly object[] = [app, cdc, dba, guest]) => ({
    database_name: 'shop',
    port: 0,
    postgres_version: version,
    database_users: users,
    nodes: [{ name: 'n1', host_ids: [HOST] }],
    postgresql_conf: { max_prepared_transactions: 10, work_mem: '5MB', ...conf },
    scripts: { post_database_create: ['CREATE TABLE made_by_script (i int)'] },
  });
  const change = (conf?: object, users?: readonly object[]): Promise<Task> =>
    accept('POST', `/v1/databases/${id}`, { spec: spec(conf, users) });
  const plan = async (conf?: object, users?: readonly object[]): Promise<string> => {
    const answer = await call<{ text: string }>('POST', `/v1/databases/${id}:plan`, { spec: spec(conf, users) });
    return answer.body.text;
  };
  const log = async (task: Task): Promise<string> => (await logOf(id, task)).join('\n');
  const now = () => get<{ state: string; conditions?: Condition[] }>(`/v1/databases/${id}`);
  const condition = (type: string): Promise<Condition> =>
    until(
      `the condition ${type}`,
      async () => (await now()).conditions?.find((one) => one.type === type),
      LOOKED_WITHIN_MS,
    );
  const noCondition = (type: string): Promise<unknown> =>
    until(`no condition ${type}`, async () => !(await now()).conditions?.some((one) => one.type === type));

  async function logIn(username: string, database = 'shop'): Promise<pg.Client> {
    const port = await portOf(id);
    const client = new pg.Client({ host: '127.0.0.1', port, user: username, password: `pw-${username}`, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  async function sql<R>(username: string, text: string, database?: string): Promise<R[]> {
    const client = await logIn(username, database);
    try {
      return (await client.query(text)).rows as R[];
    } finally {
      await client.end();
    }
  }
  const instanceId = async (): Promise<string> =>
    (await get<{ instances: { id: string }[] }>(`/v1/databases/${id}`)).instances[0]?.id ?? '';
  const slotNames = async (): Promise<string[]> =>
    (await sql<{ slot_name: string }>('dba', 'SELECT slot_name FROM pg_replication_slots ORDER BY 1')).map(
      (row) => row.slot_name,
    );
  /** Patroni has looked at its slots since Postgres was started. */
  const patroniTurns = async (): Promise<void> => {
    const at = async (): Promise<string> =>
      await bash(
        `docker logs $(docker ps -q --filter label=windlass.database=${id}) 2>&1 | grep -c 'no action. I am' || true`,
      );
    const before = Number(await at());
    await until('two turns of Patroni', async () => Number(await at()) >= before + 2, 60_000);
  };

  beforeAll(async () => {
    version = await versionOf(major);
    await done(id, 'POST', '/v1/databases', { id, spec: spec() }, READY_MS);
  });
  afterAll(() => remove(id).catch(() => undefined));

  test('slots and what else is not declared outlive an update that restarts, and a restart', async () => {
    await sql('app', 'CREATE TABLE orders (i int)');
    await sql('cdc', `SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')`);
    await sql('cdc', `SELECT pg_create_physical_replication_slot('copy', true)`);
    await sql('app', 'INSERT INTO orders VALUES (42)');
    await sql('app', `CREATE PUBLICATION news FOR TABLE orders; SELECT lo_from_bytea(4711, 'large')`);
    await sql('app', `BEGIN; INSERT INTO orders VALUES (43); PREPARE TRANSACTION 'later'`);
    await completed(id, await change({ max_connections: 120 }), READY_MS);
    expect(await sql('dba', 'SHOW max_connections')).toEqual([{ max_connections: '120' }]);
    await patroniTurns();
    expect(await slotNames()).toEqual(['cdc', 'copy']);
    await completed(id, await accept('POST', `/v1/databases/${id}/instances/${await instanceId()}/restart`, {}));
    await patroniTurns();
    expect(await slotNames()).toEqual(['cdc', 'copy']);
    await sql('app', `COMMIT PREPARED 'later'`);
    const changes = await sql<{ data: string }>(
      'cdc',
      `SELECT data FROM pg_logical_slot_get_changes('cdc', NULL, NULL)`,
    );
    expect(changes.map(({ data }) => data).filter((data) => data.startsWith('table'))).toEqual([
      'table public.orders: INSERT: i[integer]:42',
      'table public.orders: INSERT: i[integer]:43',
    ]);
    expect(await sql('app', `SELECT pubname FROM pg_publication`)).toEqual([{ pubname: 'news' }]);
    expect(await sql('app', `SELECT convert_from(lo_get(4711), 'UTF8') AS text`)).toEqual([{ text: 'large' }]);
  });

  test('ALTER SYSTEM over a declared setting is reset, which plan and log say', async () => {
    await sql('dba', `ALTER SYSTEM SET work_mem = '77MB'`);
    await sql('dba', 'SELECT pg_reload_conf()');
    expect(await plan({ max_connections: 120 })).toMatch(/'work_mem', set by ALTER SYSTEM at '.*', is reset/);
    const task = await completed(id, await change({ max_connections: 120 }));
    expect(await log(task)).toMatch(/reset 'work_mem', which ALTER SYSTEM had set at '.*' on top of the spec/);
    expect(await sql('dba', 'SHOW work_mem')).toEqual([{ work_mem: '5MB' }]);
  });

  test('a superuser with an event trigger is removed; a user with open transactions is out at once', async () => {
    await sql('dba', `CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`);
    await sql('dba', 'CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION on_ddl()');
    await sql('dba', 'GRANT CREATE ON SCHEMA public TO guest');
    const open = await logIn('guest');
    await open.query('CREATE TABLE busy (i int)');
    await open.query('BEGIN; LOCK TABLE busy');
    const begun = performance.now();
    const task = await completed(id, await change({ max_connections: 120 }, [app, cdc]));
    process.stderr.write(`removal of two users: ${String(Math.round(performance.now() - begun))} ms\n`);
    expect(await log(task)).toContain("in database 'shop' event trigger watch belongs to 'windlass' now");
    await expect(logIn('dba')).rejects.toThrow();
    await expect(logIn('guest')).rejects.toThrow();
    await expect(open.query('SELECT 1')).rejects.toThrow();
    expect(await asSuperuser(id, `SELECT count(*) FROM pg_roles WHERE rolname IN ('dba', 'guest')`)).toBe('0');
    await asSuperuser(id, 'DROP EVENT TRIGGER watch');
    await completed(id, await change({ max_connections: 120 }));
  });

  test('a lock that somebody else holds fails the task by name, and access stays withdrawn', async () => {
    await asSuperuser(id, 'GRANT CREATE ON SCHEMA public TO guest');
    await sql('guest', 'CREATE TABLE held (i int)');
    const other = await logIn('dba');
    await other.query('BEGIN; SELECT * FROM held');
    const task = await ended(id, await change({ max_connections: 120 }, [app, cdc, dba]));
    expect(task.status).toBe('failed');
    expect(task.error).toMatch(/cannot hand over what 'guest' owned in database 'shop': a lock was waited for 20 s, held by process \d+ of 'dba'/); // prettier-ignore
    expect(await log(task)).toMatch(/waits for a lock to hand over .*: held by process \d+ of 'dba'/);
    await expect(logIn('guest')).rejects.toThrow();
    await other.query('ROLLBACK');
    await other.end();
    await completed(id, await change({ max_connections: 120 }, [app, cdc, dba]));
    await completed(id, await change({ max_connections: 120 }));
  });

  test('a database that nobody can enter is passed over and named', async () => {
    await sql('dba', 'CREATE DATABASE half');
    await sql('dba', 'CREATE TABLE there (i int); ALTER TABLE there OWNER TO guest', 'half');
    await sql('dba', `UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'half'`);
    const task = await completed(id, await change({ max_connections: 120 }, [app, cdc, dba]));
    expect(await log(task)).toContain("nobody can enter database 'half', where 'guest' owns something");
    await expect(logIn('guest')).rejects.toThrow();
    await sql('dba', 'DROP DATABASE half');
  });

  test('a database dropped by SQL is a condition, and made anew with all that is in it', async () => {
    await sql('dba', 'DROP DATABASE shop WITH (FORCE)', 'postgres');
    const isDropped = async () => (await condition('database_missing')).message.includes("database 'shop' was dropped");
    await until('it to be said that it was dropped', isDropped); // while the DROP goes on, a look says that
    expect((await now()).state).toBe('degraded');
    const text = await plan({ max_connections: 120 });
    for (const kind of ['database', 'extensions', 'script'])
      expect(text).toMatch(new RegExp(`create postgres\\.${kind}::.* because it does not exist`));
    await completed(id, await change({ max_connections: 120 }));
    expect(await sql('dba', `SELECT extname FROM pg_extension WHERE extname = 'pg_stat_statements'`)).toHaveLength(1);
    expect(await sql('dba', `SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_script'`)).toHaveLength(1);
    await noCondition('database_missing');
    await until('it is available', async () => (await now()).state === 'available');
  });

  test('an extension and a user that were dropped are conditions, and come back', async () => {
    await sql('dba', 'DROP EXTENSION pg_stat_statements');
    await sql('dba', 'DROP ROLE cdc');
    expect((await condition('extension_missing')).message).toContain("'pg_stat_statements'");
    expect((await condition('role_missing')).message).toContain("'cdc'");
    await completed(id, await change({ max_connections: 120 }));
    await noCondition('extension_missing');
    await noCondition('role_missing');
  });
});
