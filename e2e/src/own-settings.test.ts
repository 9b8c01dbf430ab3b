import { create, database, done, get, remove, specOf, sql, update } from './client.ts';
import { asSuperuser } from './container.ts';
import { until } from './stack.ts';

const ID = 'ownset';
const REPOSITORY = { type: 'posix', id: 'disk', base_path: '/backups' };
const base = { backup_config: { repositories: [REPOSITORY] } };
const [app] = specOf(ID).database_users;
const other = { username: 'other', attributes: ['LOGIN'] };
const ORIGIN = { source_database_id: ID, source_node_name: 'n1', source_database_name: ID, repository: REPOSITORY };

const at = (path: string): string => `/v1/databases/${ID}/${path}`;
const operation = (path: string, body: object): Promise<void> => done(ID, 'POST', at(path), body, 60_000);
const conf = (postgresql_conf: object, ...users: object[]) =>
  update(ID, { ...base, postgresql_conf, database_users: [app, ...users] });
const show = async (setting: string): Promise<unknown> => Object.values((await sql(ID, `SHOW ${setting}`))[0] ?? {})[0];
const drift = async (): Promise<unknown[]> =>
  (await get<{ resources: { resource: string; drift: string[] }[] }>(at('resources'))).resources
    .filter(({ drift: found }) => found.length > 0)
    .map(({ resource, drift: found }) => [resource, found]);

beforeAll(() => create(ID, { ...base, postgresql_conf: { search_path: 'shop', work_mem: '6MB' } }), 60_000);
afterAll(() => remove(ID));

test('a search path that names no schema of ours: the database is made as declared', async () => {
  expect(await show('search_path')).toBe('shop');
  expect(
    await sql(
      ID,
      "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_stat_statements'",
    ),
  ).toEqual([{ schema: 'public' }]);
  expect(await drift()).toEqual([]);
});

describe.each([
  ['read-only by default', { default_transaction_read_only: true }, 'default_transaction_read_only', 'on'],
  ['a statement may take 5 ms', { statement_timeout: '5ms' }, 'statement_timeout', '5ms'],
  ['a transaction may take 200 ms', { transaction_timeout: '200ms' }, 'transaction_timeout', '200ms'],
  ['a session may wait 300 ms', { idle_session_timeout: '300ms' }, 'idle_session_timeout', '300ms'],
  ['nobody waits for a lock', { lock_timeout: '1ms' }, 'lock_timeout', '1ms'],
  [
    'everything is serializable',
    { default_transaction_isolation: 'serializable' },
    'default_transaction_isolation',
    'serializable',
  ],
  ['errors end sessions', { exit_on_error: 'on' }, 'exit_on_error', 'on'],
])('%s', (_what, settings, name, value) => {
  test('updates, a backup and a restore are what they always are', async () => {
    await conf(settings);
    expect(await show(name)).toBe(value);
    await conf(settings, other);
    expect(await drift()).toEqual([]);
    await operation('nodes/n1/backups', { type: 'full' });
    if (name === 'default_transaction_read_only' || name === 'statement_timeout') {
      await operation('restore', { restore_config: ORIGIN });
      expect((await database(ID)).state).toBe('available');
    }
    await conf(settings);
    await conf({});
  });
});

test('what the owner sets for the database is no matter either', async () => {
  const set = (text: string): Promise<unknown> => sql(ID, `BEGIN READ WRITE; ALTER DATABASE ${ID} SET ${text}; COMMIT`);
  for (const text of ['default_transaction_read_only = on', 'role = app', 'search_path = nowhere']) await set(text);
  await update(ID, { ...base, database_users: [app, other] });
  await operation('nodes/n1/backups', { type: 'full' });
  await update(ID, { ...base, database_users: [app] });
  await operation('restore', { restore_config: ORIGIN });
  expect((await database(ID)).state).toBe('available');
  await sql(ID, `BEGIN READ WRITE; ALTER DATABASE ${ID} RESET ALL; COMMIT`);
});

test('a library that is not there locks out users, but not us: the correcting update works', async () => {
  // An update that says so is refused (settings-judged.test.ts); a superuser's ALTER SYSTEM is asked by nobody.
  await asSuperuser(ID, `ALTER SYSTEM SET session_preload_libraries = 'auto_explian'`, 'postgres');
  await asSuperuser(ID, 'SELECT pg_reload_conf()', 'postgres');
  await until('users to be locked out', () =>
    sql(ID, 'SELECT 1').then(
      () => false,
      (err: unknown) => /auto_explian/.test(String(err)),
    ),
  );
  const conditions = async (): Promise<unknown> =>
    (await get<{ conditions?: unknown[] }>(`/v1/databases/${ID}`)).conditions ?? [];
  await until('a condition that says so', async () => JSON.stringify(await conditions()).includes('logins_refused'));
  await operation('nodes/n1/backups', { type: 'full' });
  await conf({ session_preload_libraries: 'auto_explain' });
  await until('users to be let in', async () => (await sql(ID, 'SELECT 1')).length === 1);
  await until('the condition to go', async () => !JSON.stringify(await conditions()).includes('logins_refused'));
  expect(await drift()).toEqual([]);
});

test('the same for one database: a library of users that is not there', async () => {
  await sql(ID, `ALTER DATABASE ${ID} SET local_preload_libraries = 'nowhere'`);
  await expect(sql(ID, 'SELECT 1')).rejects.toThrow('nowhere');
  await update(ID, { ...base, database_users: [app, other] });
  expect(await drift()).toEqual([]);
  await asSuperuser(ID, `ALTER DATABASE ${ID} RESET local_preload_libraries`, 'postgres');
});

test('dates that are written in another way: Patroni and we read them all the same', async () => {
  const settings = {
    DateStyle: 'SQL, DMY',
    TimeZone: 'Asia/Tokyo',
    IntervalStyle: 'sql_standard',
    bytea_output: 'escape',
  };
  await conf(settings);
  expect(await show('DateStyle')).toBe('SQL, DMY');
  await operation('nodes/n1/backups', { type: 'full' });
  await conf(settings, other);
  expect(await drift()).toEqual([]);
});
