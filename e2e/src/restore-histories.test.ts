import { accept, call, done, ended, get, logOf, remove } from './client.ts';
import { ask, originOf, restored, specOf } from './restore-client.ts';

const ID = 'twice';
const PASSWORD = 'pw-twice';

interface Listed {
  readonly label: string;
  readonly verified?: boolean;
  readonly of_former_database?: boolean;
}
interface Window {
  readonly earliest_restorable?: string;
}
const list = () => get<Window & { backups: Listed[] }>(`/v1/databases/${ID}/nodes/n1/backups`);
const status = async () => (await get<{ backups: Window[] }>(`/v1/databases/${ID}`)).backups[0];
const backUp = () => done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/backups`, { type: 'full' });
const make = () => done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf(PASSWORD) });
const create = (id: string, options: Record<string, string>, users: unknown[]) =>
  accept('POST', '/v1/databases', {
    id,
    spec: specOf(PASSWORD, {
      database_name: 'copy',
      database_users: users,
      restore_config: originOf(ID, options),
      backup_config: undefined,
    }),
  });
const user = (username: string, more: object = {}) => ({
  username,
  password: PASSWORD,
  attributes: ['LOGIN'],
  ...more,
});
const value = (text: string): Promise<string> => ask(ID, PASSWORD, text);

beforeAll(async () => {
  await make();
  await value('CREATE TABLE first AS SELECT 1 AS i');
  await backUp();
  await done(ID, 'DELETE', `/v1/databases/${ID}`);
  await make();
});
afterAll(async () => {
  for (const id of ['twice-copy', 'twice-owner']) await remove(id).catch(() => undefined);
  await done(ID, 'DELETE', `/v1/databases/${ID}?force=true&purge_backups=true`);
});

test('a backup of a former database of the id is told apart, the same way by everybody', async () => {
  const { backups, earliest_restorable: earliest } = await list();
  expect([backups.length, backups[0]?.of_former_database, earliest]).toEqual([1, true, undefined]);
  expect((await status())?.earliest_restorable).toBeUndefined();
  const label = backups[0]?.label ?? '';
  const words = `are restored when one is named with 'set': '${label}'`;
  const task = await accept('POST', `/v1/databases/${ID}/restore`, { restore_config: originOf(ID) });
  expect((await ended(ID, task, 120_000)).error).toContain(words);
  const copy = await create('twice-copy', {}, [user('app', { db_owner: true })]);
  expect((await ended('twice-copy', copy, 120_000)).error).toContain(words);
  await remove('twice-copy');
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/backups/${label}/verify`, undefined, 120_000);
  expect((await list()).backups[0]).toMatchObject({ label, verified: true, of_former_database: true });
}, 400_000);

test('named, it is restored: into a new database, and in place; then it is the history of the database', async () => {
  const label = (await list()).backups[0]?.label ?? '';
  const copy = await create('twice-copy', { set: label }, [user('app', { db_owner: true })]);
  expect((await ended('twice-copy', copy, 120_000)).error).toBeUndefined();
  expect(await ask('twice-copy', PASSWORD, 'SELECT count(*) FROM first', 'app', 'copy')).toBe('1');

  await value('CREATE TABLE second AS SELECT 1 AS i');
  await backUp();
  const { backups, earliest_restorable: earliest } = await list();
  expect(backups.map((b) => b.of_former_database)).toEqual([true, undefined]);
  expect((await status())?.earliest_restorable).toBe(earliest);
  await restored(ID, { set: label });
  expect([await value('SELECT count(*) FROM first'), await value("SELECT to_regclass('second') IS NULL")]).toEqual(['1', 'true']); // prettier-ignore
  expect((await list()).backups.map((b) => b.of_former_database)).toEqual([undefined, true]);
  expect((await status())?.earliest_restorable).toBe((await list()).earliest_restorable);
  await value('CREATE TABLE third AS SELECT 1 AS i');
  await restored(ID, {});
  expect(await value('SELECT count(*) FROM third')).toBe('1');
}, 400_000);

test('what the former owner has in a copy belongs to its new owner: schemas, tables, functions, default privileges', async () => {
  await value('CREATE TABLE owned AS SELECT 1 AS i');
  await value('CREATE SCHEMA sales');
  await value('CREATE TABLE sales.orders AS SELECT 7 AS i');
  await value('CREATE FUNCTION sales.seven() RETURNS int LANGUAGE sql AS $$ SELECT 7 $$');
  await value('ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO PUBLIC');
  await value('ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC');
  await backUp();
  const copy = await create('twice-owner', {}, [user('boss', { db_owner: true }), user('reader')]);
  expect((await ended('twice-owner', copy, 120_000)).error).toBeUndefined();
  expect(await logOf('twice-owner', copy)).toContainEqual(
    expect.stringContaining('its users have no passwords here but those the spec gives them'),
  );
  const boss = (text: string, who = 'boss') => ask('twice-owner', PASSWORD, text, who, 'copy');
  expect(await boss('SELECT i FROM sales.orders')).toBe('7');
  await boss('ALTER TABLE sales.orders ADD COLUMN note text');
  await boss('ALTER TABLE owned RENAME TO renamed');
  await boss('CREATE TABLE sales.more AS SELECT 1 AS i');
  await boss('CREATE FUNCTION sales.eight() RETURNS int LANGUAGE sql AS $$ SELECT 8 $$');
  await boss('GRANT USAGE ON SCHEMA sales TO reader');
  expect(await boss('SELECT count(*) FROM sales.more', 'reader')).toBe('1');
  await expect(boss('SELECT sales.eight()', 'reader')).rejects.toThrow('permission denied');
  await expect(boss('SELECT 1', 'app')).rejects.toThrow();
  expect(await boss("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'app'")).toBe('0');
  expect((await call('GET', '/v1/databases/twice-owner')).status).toBe(200);
}, 400_000);
