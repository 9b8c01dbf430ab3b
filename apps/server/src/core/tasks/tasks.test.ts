import { openFixture, shopSpec, type Fixture } from '../../testing/fixture.ts';
import { Sweeper } from './sweeper.ts';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { outboxEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

let f: Fixture;
let sweeper: Sweeper;
const errors: unknown[] = [];
beforeEach(async () => {
  f = await openFixture();
  errors.length = 0;
  sweeper = new Sweeper(f.deps, (err) => errors.push(err));
});
afterEach(() => f.app.close());

const accepted = async (method: string, url: string, body?: unknown): Promise<string> => {
  const answer = await f.call(method, url, body);
  expect(answer).toMatchObject({ status: 200 });
  return (answer.body['task'] as { task_id: string }).task_id;
};
const declare = () => accepted('POST', '/v1/databases', { id: 'shop', spec: shopSpec });
const cancel = (id: string) => f.call('GET', `/v1/databases/shop/tasks/${id}/cancel`);
const status = async (id: string) => (await f.call('GET', `/v1/databases/shop/tasks/${id}`)).body['status'];
const messages = async (id: string) =>
  ((await f.call('GET', `/v1/databases/shop/tasks/${id}/log`)).body['entries'] as { message: string }[]).map(
    (e) => e.message,
  );
const state = async () => (await f.call('GET', '/v1/databases/shop')).body['state'];
const outbox = async () => (await f.kv.list('outbox/')).map((row) => row.key);

/** What the first activity of the workflow does. */
const begin = async (id: string): Promise<void> => {
  const key = taskRecords.key('database', 'shop', id);
  const task = (await f.kv.get(key))?.value as TaskRecord;
  await f.kv.commit([], [{ put: key, value: { ...task, status: 'running' } }, { remove: outboxEntries.key(id) }]);
};

test('a running task is told to stop, and says canceling until its workflow has ended', async () => {
  const id = await declare();
  await begin(id);
  expect((await cancel(id)).body).toMatchObject({ task_id: id, status: 'canceling' });
  expect(f.temporal.canceled).toEqual(['database/shop']);
  expect(await status(id)).toBe('canceling');
  expect(await messages(id)).toEqual(['task is canceling']);
});

test('a task whose workflow never started is canceled at once and never started', async () => {
  f.temporal.down = true;
  const id = await declare();
  f.temporal.down = false;
  expect((await cancel(id)).status).toBe(200);
  expect([await status(id), await state(), await outbox()]).toEqual(['canceled', 'failed', []]);
  expect(await messages(id)).toEqual(['task is canceling', 'task successfully canceled']);
  await sweeper.sweep();
  expect(f.temporal.started).toEqual([]);
});

test('a cancel while Temporal is away is kept, and the task is not started when Temporal is back', async () => {
  f.temporal.down = true;
  const id = await declare();
  expect((await cancel(id)).body['status']).toBe('canceling');
  f.temporal.down = false;
  await sweeper.sweep();
  expect([f.temporal.started, await status(id), await outbox()]).toEqual([[], 'canceled', []]);
});

test('a cancel of a running task that did not arrive is repeated, once', async () => {
  const id = await declare();
  await begin(id);
  f.temporal.down = true;
  await cancel(id);
  f.temporal.down = false;
  await sweeper.sweep();
  await sweeper.sweep();
  expect(f.temporal.canceled).toEqual(['database/shop']);
});

test('a forced delete that was cut off before Temporal heard of it ends the other run and then starts', async () => {
  const creating = await declare();
  await begin(creating);
  f.temporal.down = true;
  const deleting = await accepted('DELETE', '/v1/databases/shop?force=true');
  f.temporal.down = false;
  expect(await sweeper.sweep()).toBe(true);
  expect([f.temporal.canceled, await status(creating)]).toEqual([['database/shop'], 'canceled']);
  f.temporal.running.clear();
  await sweeper.sweep();
  expect(f.temporal.canceled).toEqual(['database/shop']);
  expect(f.temporal.started.at(-1)).toMatchObject({ type: 'deleteDatabase', input: { taskId: deleting } });
});

test('a task that was overtaken before it started is canceled, not left pending', async () => {
  f.temporal.down = true;
  const creating = await declare();
  const first = await accepted('DELETE', '/v1/databases/shop?force=true');
  const second = await accepted('DELETE', '/v1/databases/shop?force=true');
  f.temporal.down = false;
  await sweeper.sweep();
  expect(await Promise.all([creating, first, second].map(status))).toEqual(['canceled', 'canceled', 'pending']);
  expect(f.temporal.started).toMatchObject([{ input: { taskId: second } }]);
});

test('a task whose workflow is gone for five rounds is failed, and its database can be changed again', async () => {
  const id = await declare();
  await begin(id);
  f.temporal.running.clear();
  for (let round = 1; round <= 4; round += 1) await sweeper.sweep();
  expect(await status(id)).toBe('running');
  await sweeper.sweep();
  expect([await status(id), await state()]).toEqual(['failed', 'failed']);
  expect((await f.call('POST', '/v1/databases/shop', { spec: shopSpec })).status).toBe(200);
});

test('an outbox entry that cannot be served keeps no other waiting', async () => {
  f.temporal.down = true;
  const id = await declare();
  f.temporal.down = false;
  await f.kv.commit([], [{ put: 'outbox/0', value: { entity: { kind: 'database', id: 'ghost' }, taskId: '0', type: 'create', input: {} } }]); // prettier-ignore
  await sweeper.sweep();
  expect(f.temporal.started).toMatchObject([{ input: { taskId: id } }]);
  expect([await outbox(), errors]).toEqual([[`outbox/${id}`], []]);
});

test('a spec that is gone fails its task instead of waiting for ever', async () => {
  f.temporal.down = true;
  const id = await declare();
  f.temporal.down = false;
  await f.kv.commit([], [{ remove: databaseSpecs.key('shop') }]);
  await sweeper.sweep();
  expect(await status(id)).toBe('failed');
  const record = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
  expect(record).toMatchObject({ state: 'failed' });
});

test('a start that Temporal refuses for good is the end of its task, with the reason', async () => {
  f.temporal.refusal = 'Temporal at 192.0.2.1:7233 refuses: WorkflowId length exceeds limit.';
  const id = await declare();
  expect(await status(id)).toBe('pending');
  await sweeper.sweep();
  const task = (await f.call('GET', `/v1/databases/shop/tasks/${id}`)).body;
  expect(task).toMatchObject({ status: 'failed', error: f.temporal.refusal });
  expect([await state(), await outbox(), errors]).toEqual(['failed', [], []]);
});
