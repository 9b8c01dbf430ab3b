import { instanceNow } from '../../testing/contract-world.ts';
import { openFixture, shopSpec, type Fixture } from '../../testing/fixture.ts';
import { Sweeper } from './sweeper.ts';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { outboxEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

let f: Fixture;
let clock = Date.now();
const errors: unknown[] = [];
const sweep = (): Promise<boolean> => new Sweeper(f.deps, (err) => errors.push(err)).sweep();

beforeEach(async () => {
  clock = Date.now();
  errors.length = 0;
  f = await openFixture('', () => new Date(clock));
});
afterEach(async () => {
  await f.app.close();
  expect(errors).toEqual([]);
});

const accepted = async (method: string, url: string, body?: unknown): Promise<string> => {
  const answer = await f.call(method, url, body);
  expect(answer).toMatchObject({ status: 200 });
  return (answer.body['task'] as { task_id: string }).task_id;
};
const task = async (id: string) => (await f.kv.get(taskRecords.key('database', 'shop', id)))?.value as TaskRecord;
const change = async (id: string, more: Partial<TaskRecord>): Promise<void> => {
  const value = { ...(await task(id)), ...more };
  await f.kv.commit([], [{ put: taskRecords.key('database', 'shop', id), value }, { remove: outboxEntries.key(id) }]);
};
const declare = async (): Promise<string> => {
  const id = await accepted('POST', '/v1/databases', { id: 'shop', spec: shopSpec });
  await change(id, { status: 'running' });
  return id;
};
const forcedDelete = () => accepted('DELETE', '/v1/databases/shop?force=true');

test('the task that is taken over from is canceled at once, whatever its run does; the run is told once', async () => {
  const creating = await declare();
  const deleting = await forcedDelete();
  expect((await task(creating)).status).toBe('canceled');
  clock += 2000;
  expect(await sweep()).toBe(true);
  expect([f.temporal.canceled, f.temporal.terminated]).toEqual([['database/shop'], []]);
  expect((await task(deleting)).status).toBe('pending');
});

test('a run that does not stop within 2.5 s is ended, and the delete begins', async () => {
  await declare();
  const deleting = await forcedDelete();
  clock += 2500;
  await sweep();
  expect(f.temporal.terminated).toEqual(['database/shop']);
  expect(f.temporal.started.at(-1)).toMatchObject({ type: 'deleteDatabase', taskId: deleting });
});

test('its own run is never told nor ended, however long its first step waits', async () => {
  await declare();
  await forcedDelete();
  f.temporal.running.clear(); // it has stopped
  await sweep();
  for (let rounds = 0; rounds < 3; rounds += 1) {
    clock += 60_000;
    await sweep();
  }
  expect([f.temporal.canceled, f.temporal.terminated]).toEqual([['database/shop'], []]);
  expect(f.temporal.running).toContain('database/shop');
});

test('of two forced deletes the second ends the run of the task that the first took over from', async () => {
  await declare();
  const first = await forcedDelete();
  clock += 1000;
  const second = await forcedDelete();
  clock += 2500;
  await sweep();
  expect([(await task(first)).status, f.temporal.terminated]).toEqual(['canceled', ['database/shop']]);
  expect(f.temporal.started.at(-1)).toMatchObject({ taskId: second });
});

test('a restore that an operation takes over from is not ended in the middle; a delete ends it', async () => {
  const restoring = await declare();
  await change(restoring, { type: 'restore' });
  const record = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
  await f.kv.commit(
    [],
    [
      instanceNow('i1', 'host-1', { role: 'primary', writable: true }),
      { put: databaseRecords.key('shop'), value: { ...record, state: 'available' } },
    ],
  );
  await accepted('POST', '/v1/databases/shop/instances/i1/stop-instance?force=true', {});
  clock += 300_000;
  await sweep();
  expect(f.temporal.terminated).toEqual([]);
  await forcedDelete();
  clock += 2500;
  await sweep();
  expect(f.temporal.terminated).toEqual(['database/shop']);
});

test('a delete cancels what runs beside; with the database gone that is canceled, although its run says nothing', async () => {
  await declare();
  const beside = { ...(await task(await forcedDelete())), taskId: 'b1', type: 'node_backup', status: 'running' };
  const workflowId = 'database/shop/backups/b1';
  await f.kv.commit([], [{ put: taskRecords.key('database', 'shop', 'b1'), value: { ...beside, workflowId } }]);
  f.temporal.running.add(workflowId);
  await forcedDelete();
  expect((await task('b1')).status).toBe('canceling');
  expect(f.temporal.canceled).toContain(workflowId);
  await f.kv.commit([], [{ remove: databaseRecords.key('shop') }]);
  await sweep();
  expect((await task('b1')).status).toBe('canceled');
});
