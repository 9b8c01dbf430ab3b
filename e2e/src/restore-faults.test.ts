import { readFileSync, writeFileSync } from 'node:fs';
import { accept, call, database, done, ended, remove, taskNow, type Task } from './client.ts';
import { inside } from './container.ts';
import {
  ask,
  completed,
  insertRows,
  leftBy,
  originOf,
  restore,
  restored,
  type Row,
  specOf,
  takeBackup,
  undo,
} from './restore-client.ts';
import { bash, ENV, processCommand, until, workerAlive } from './stack.ts';

const ID = 'mended';
const PASSWORD = 'pw-mended';
const query = (text: string): Promise<string> => ask(ID, PASSWORD, text);
const count = (): Promise<string> => query('SELECT count(*) FROM orders');
const now = (): Promise<string> => query('SELECT clock_timestamp()::text');
const startedAt = (): Promise<string> => query('SELECT pg_postmaster_start_time()');

beforeAll(async () => {
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf(PASSWORD) });
  await query('CREATE TABLE orders AS SELECT generate_series(1, 100) AS i');
  await takeBackup(ID);
});
afterEach(async () => {
  writeFileSync(ENV.FAILPOINTS_FILE, '');
  if (!(await workerAlive())) processCommand('start', 'worker');
});
afterAll(() => remove(ID));

const left = (): string[] => readFileSync(ENV.FAILPOINTS_FILE, 'utf8').split('\n').filter(Boolean);
const status = async (task: Task): Promise<string> => (await taskNow(ID, task)).status;

/** Starts the worker again whenever it has died, until the task has ended; gives how often that was. */
async function killsUntilEnded(task: Task): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    const what = await until(
      'the task to end or the worker to die',
      async () => ((await workerAlive()) ? !['pending', 'running'].includes(await status(task)) && 'ended' : 'dead'),
      120_000,
    );
    if (what === 'ended') return kills;
    processCommand('start', 'worker');
  }
}

/** After every step, and before the first and the swap: before another one things are as after the one that it follows. */
const points = (names: readonly string[]): string[] =>
  names.flatMap((name) => [
    ...(['look', 'swap'].includes(name) ? [`recorded update restore.${name}`] : []),
    `done update restore.${name}`,
  ]);

test('the worker is killed at every step of a restore and of an undo: both complete, nothing is left', async () => {
  const target = await now();
  await query('TRUNCATE orders');
  const steps = ['look', 'copy', 'recover', 'hold', 'swap', 'release', 'note', 'resume'];
  writeFileSync(ENV.FAILPOINTS_FILE, points(steps).join('\n'));
  const task = await restore(ID, { type: 'time', target });
  const kills = await killsUntilEnded(task);
  expect([await status(task), left(), kills]).toEqual(['completed', [], points(steps).length]);
  expect([await count(), await leftBy(ID), (await database(ID)).state]).toEqual(['100', '', 'available']);

  const backwards = points(['recover', 'hold', 'swap', 'release', 'note']);
  writeFileSync(ENV.FAILPOINTS_FILE, backwards.join('\n'));
  const back = await accept('POST', `/v1/databases/${ID}/restore:undo`);
  expect([await killsUntilEnded(back), await status(back), left()]).toEqual([backwards.length, 'completed', []]);
  expect([await count(), await leftBy(ID)]).toEqual(['0', '']);
  process.stderr.write(
    `worker kills survived: ${String(kills)} in a restore, ${String(backwards.length)} in an undo\n`,
  );
}, 900_000);

test('a cancel before the swap leaves the database exactly as it was, also when the worker died in the middle', async () => {
  const before = await startedAt();
  writeFileSync(ENV.FAILPOINTS_FILE, 'done update restore.copy');
  const task = await restore(ID, {});
  await until('the worker to die', async () => !(await workerAlive()), 60_000);
  await call('GET', `/v1/databases/${ID}/tasks/${task.task_id}/cancel`);
  processCommand('start', 'worker');
  const { status: how, error } = await ended(ID, task, 60_000);
  expect([how, error]).toEqual(['canceled', undefined]);
  expect([await startedAt(), await leftBy(ID)]).toEqual([before, '']);
  await until('the database to be available', async () => (await database(ID)).state === 'available');
});

/** Temporal and the server are killed and started again while something is held up; then it may go on. */
async function killAround(hold: string, goOn: string): Promise<void> {
  await until('the work to be held up', () => bash(hold).then(() => true));
  for (const name of ['temporal', 'server'] as const) processCommand('kill', name);
  for (const name of ['temporal', 'server'] as const) processCommand('start', name);
  await bash(`${goOn} || true`);
}

test('Temporal and the server are killed while a backup and a restore run: both complete', async () => {
  const signal = (name: string): string =>
    `docker exec $(docker ps -q --filter label=windlass.database=${ID}) pkill -${name} -f 'pgbackrest.* backup$'`;
  const backup = await accept('POST', `/v1/databases/${ID}/nodes/n1/backups`, { type: 'full' });
  await killAround(signal('STOP'), signal('CONT'));
  await completed(ID, backup);
  const rows = await count();
  // Its processes only: a container that is paused takes a command with it that Docker is just starting there.
  const container = `$(docker ps -q --filter label=windlass.restore --filter label=windlass.database=${ID})`;
  const copying = `$(docker top ${container} -eo pid,args | grep ' restore$' | awk '{ print $1 }')`;
  const task = await restore(ID, {});
  await killAround(`kill -STOP ${copying}`, `kill -CONT ${copying}`);
  await completed(ID, task);
  expect([await count(), await leftBy(ID)]).toEqual([rows, '']);
});

test('data that no Postgres can read any more is restored, too; to undo that is refused, and does no harm', async () => {
  await query('INSERT INTO orders VALUES (7)');
  const rows = await count();
  await takeBackup(ID);
  const data = '/windlass/data/pgdata';
  await inside(ID, `sh -c ': > ${data}/global/pg_control; kill -9 $(head -1 ${data}/postmaster.pid)'`);
  await until('Postgres to be gone', async () => !(await count().then(() => true, () => false))); // prettier-ignore
  await restored(ID, {});
  expect(await count()).toBe(rows);
  await expect(undo(ID)).rejects.toThrow('could not read file "global/pg_control"');
  expect([await count(), await leftBy(ID), (await database(ID)).state]).toEqual([rows, '', 'available']);
});

test('a copy under another name, with other passwords, to a moment; its source takes writes all the time and does not notice', async () => {
  await query('CREATE TABLE ticks (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())');
  const acknowledged: Row[] = [];
  let goes = true;
  const writer = insertRows(ID, PASSWORD, 'ticks', acknowledged, () => goes);
  writer.catch(() => undefined); // told below
  await until('rows before the target', () => Promise.resolve(acknowledged.length > 100));
  const target = await now();
  const before = await startedAt();
  const config = { restore_config: { ...originOf(ID, { type: 'time', target }) } };
  const clone = specOf('pw-clone', { ...config, database_name: 'copy' });
  await done('mended-copy', 'POST', '/v1/databases', { id: 'mended-copy', spec: clone }, 120_000);
  goes = false;
  await writer;
  const inClone = (text: string, password = 'pw-clone') => ask('mended-copy', password, text, 'app', 'copy');
  const expected = acknowledged.filter((row) => row.at <= target).length;
  expect([expected, expected - 1]).toContain(Number(await inClone('SELECT count(*) FROM ticks')));
  await expect(inClone('SELECT 1', PASSWORD)).rejects.toThrow('password authentication failed');
  await inClone('DROP TABLE ticks');
  expect(acknowledged.length).toBeGreaterThan(expected + 100);
  expect([await query('SELECT count(*) FROM ticks'), await startedAt()]).toEqual([String(acknowledged.length), before]);

  await takeBackup('mended-copy');
  const other = { ...clone, restore_config: originOf(ID) };
  for (const path of ['/v1/databases/mended-copy', '/v1/databases/mended-copy:plan']) {
    const answer = await call<{ message: string }>('POST', path, { spec: other });
    expect([answer.status, answer.body.message]).toEqual([
      400,
      "restore_config: node 'n1' has data already; use POST /v1/databases/mended-copy/restore",
    ]);
  }
  await done('mended-copy', 'POST', '/v1/databases/mended-copy', { spec: clone });
  await remove('mended-copy');
});
