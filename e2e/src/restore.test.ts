import { database, done, ended, logOf, remove } from './client.ts';
import { asSuperuser } from './container.ts';
import {
  ask,
  insertRows,
  leftBy,
  refusal,
  restore,
  restored,
  type Row,
  specOf,
  takeBackup,
  tasksOf,
  undo,
} from './restore-client.ts';
import { until } from './stack.ts';

const ID = 'restored';
const PASSWORD = 'pw-restored';
const query = (text: string): Promise<string> => ask(ID, PASSWORD, text);
const count = (): Promise<string> => query('SELECT count(*) FROM orders');
const now = (): Promise<string> => query('SELECT clock_timestamp()::text');

beforeAll(async () => {
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf(PASSWORD) });
  await query('CREATE TABLE orders (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())');
  await takeBackup(ID);
});
afterAll(() => remove(ID));

test('to a moment during constant inserts: the last row is that of the target, within one transaction', async () => {
  const acknowledged: Row[] = [];
  const writer = insertRows(ID, PASSWORD, 'orders', acknowledged).catch(() => undefined);
  await until('rows before the target', () => Promise.resolve(acknowledged.length > 200));
  const target = await now();
  const before = acknowledged.length;
  await until('rows after the target', () => Promise.resolve(acknowledged.length > before + 200));
  const task = await restored(ID, { type: 'time', target });
  await writer;
  const expected = acknowledged.filter((row) => row.at <= target).length;
  const found = Number(await count());
  expect([expected, expected - 1]).toContain(found);
  expect(acknowledged.length).toBeGreaterThan(expected + 200);
  const { state } = await database(ID);
  expect(state).toBe('available');
  expect(await leftBy(ID)).toBe('');
  const parts = (await tasksOf(ID)).filter((t) => t.parent_id === task.task_id);
  expect(parts).toMatchObject([{ type: 'node_restore', status: 'completed', node_name: 'n1' }]);
});

test('undo brings back what was there, and the database takes writes and backups again', async () => {
  const restoredTo = Number(await count());
  await undo(ID);
  expect(Number(await count())).toBeGreaterThan(restoredTo + 200);
  await query('INSERT INTO orders DEFAULT VALUES RETURNING id');
  await takeBackup(ID);
  expect(await leftBy(ID)).toBe('');
});

test('a dropped table is there again as it was a moment before; then forward again, to a time that was left behind', async () => {
  const rows = await count();
  const before = await now();
  await query('DROP TABLE orders');
  await query('CREATE TABLE later (i int)');
  const abandoned = await now();
  await asSuperuser(ID, `SELECT pg_create_physical_replication_slot('copy', true)`, 'postgres');
  const task = await restored(ID, { type: 'time', target: before });
  expect(await count()).toBe(rows);
  const part = (await tasksOf(ID)).find((t) => t.parent_id === task.task_id) ?? task;
  expect((await logOf(ID, part)).join('\n')).toMatch(
    /slot 'copy' \(physical\) goes with the former data of '.*': no backup has slots/,
  );
  expect(await asSuperuser(ID, 'SELECT count(*) FROM pg_replication_slots', 'postgres')).toBe('0');
  await query("CREATE TABLE newer AS SELECT 'after the restore' AS what");
  await takeBackup(ID);

  await restored(ID, { type: 'time', target: abandoned });
  expect(await query("SELECT to_regclass('later') IS NOT NULL AND to_regclass('orders') IS NULL")).toBe('true');
  await restored(ID, {});
  expect(await query("SELECT to_regclass('later') IS NOT NULL AND to_regclass('newer') IS NULL")).toBe('true');
  await undo(ID);
  await restored(ID, { type: 'time', target: before });
  expect(await count()).toBe(rows);
});

test('a position in the WAL, and a transaction', async () => {
  await query('TRUNCATE orders');
  await query('INSERT INTO orders DEFAULT VALUES RETURNING 1');
  const lsn = await query('SELECT pg_current_wal_insert_lsn()');
  await query('INSERT INTO orders DEFAULT VALUES RETURNING 1');
  const xid = await query(
    'WITH new AS (INSERT INTO orders DEFAULT VALUES RETURNING 1) SELECT pg_current_xact_id() FROM new',
  );
  await query('INSERT INTO orders DEFAULT VALUES RETURNING 1');
  await restored(ID, { type: 'lsn', target: lsn });
  expect(await count()).toBe('1');
  await undo(ID);
  await restored(ID, { type: 'xid', target: xid });
  expect(await count()).toBe('3');
  await undo(ID);
  expect(await count()).toBe('4');
});

describe('what cannot be done is said before anything changes', () => {
  const fails = async (options: Record<string, string>): Promise<string> => {
    const started = await query('SELECT pg_postmaster_start_time()');
    const task = await ended(ID, await restore(ID, options));
    expect(task.status).toBe('failed');
    expect((await database(ID)).state).toBe('available');
    expect(await query('SELECT pg_postmaster_start_time()')).toBe(started);
    expect(await leftBy(ID)).toBe('');
    return task.error ?? '';
  };

  test('a backup that does not exist, a time before the first, a source without backups', async () => {
    expect(await fails({ set: '20200101-000000F' })).toMatch(/has no backup '20200101-000000F'; it has '\d{8}-\d{6}F'/);
    expect(await fails({ type: 'time', target: '2020-01-01 00:00:00+00' })).toMatch(/reaches back to 2\d{3}-/);
    expect(await fails({ type: 'name', target: 'never set' })).toMatch(
      /archive ends before the target, name 'never set'/,
    );
    const unknown = await ended(ID, await restore(ID, {}, 'nobody'));
    expect(unknown.error).toContain("the repository of node 'n1' of database 'nobody' has no backup");
    expect(await refusal(ID, { type: 'time', target: '2999-01-01 00:00:00' })).toContain('is in the future');
  });
});

test('backups go on: one that was taken after the restores is restored', async () => {
  await query('INSERT INTO orders DEFAULT VALUES RETURNING 1');
  const rows = await count();
  await takeBackup(ID);
  await query('DROP TABLE orders');
  await restored(ID, { type: 'immediate' });
  expect(await count()).toBe(rows);
});
