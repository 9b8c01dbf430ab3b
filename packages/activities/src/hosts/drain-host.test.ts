import { MockActivityEnvironment } from '@temporalio/testing';
import { drainRecords } from '@windlass/resources/platform/records';
import { instanceStatuses, type InstanceStatus } from '@windlass/resources/postgres/records';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { outboxEntries, taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { awaitMove, beginDrain, endDrain } from './drain-host.ts';

const task = { hostId: 'host-2', taskId: 't1' };
const move = { databaseId: 'shop', nodeName: 'n1', instanceId: 'shop-n1-b', taskId: 's1' };
const AT = '2026-01-01T00:00:00Z';

const record = (more: Partial<TaskRecord>): TaskRecord => ({
  taskId: 't1',
  scope: 'host',
  entityId: 'host-2',
  type: 'drain_host',
  status: 'pending',
  createdAt: AT,
  workflowId: 'host/host-2/beside/t1',
  ...more,
});
const switchover = (more: Partial<TaskRecord>) =>
  record({ taskId: 's1', scope: 'database', entityId: 'shop', type: 'switchover', ...more });
const status = (writable: boolean): InstanceStatus => ({
  ...{ instanceId: 'shop-n1-b', databaseId: 'shop', nodeName: 'n1', hostId: 'host-2', createdAt: AT, sampledAt: AT },
  ...{ container: 'running', addresses: [], writable },
});

let kv: Kv;
beforeEach(async () => {
  kv = createMemoryKv();
  await kv.commit(
    [],
    [
      drainRecords.put({ hostId: 'host-2', taskId: 't1', since: AT, moves: [move] }, 'host-2'),
      taskRecords.put(record({}), 'host', 'host-2', 't1'),
      taskRecords.put(switchover({ status: 'running' }), 'database', 'shop', 's1'),
      { put: outboxEntries.key('t1'), value: {} },
    ],
  );
});
const taskNow = async () => (await taskRecords.get(kv, 'host', 'host-2', 't1'))?.value;
const log = async () => (await taskLogEntries.list(kv, ['host', 'host-2', 't1'])).map(({ value }) => value.message);
const run = <A, R>(activity: (input: A) => Promise<R>, input: A): Promise<R> =>
  new MockActivityEnvironment().run(activity, input);

test('begins once, however often it is repeated, and leaves the outbox', async () => {
  expect(await beginDrain({ kv })(task)).toEqual({ moves: [move] });
  expect(await beginDrain({ kv })(task)).toEqual({ moves: [move] });
  expect([(await taskNow())?.status, await log()]).toEqual(['running', ["draining host 'host-2'"]]);
  expect(await kv.get(outboxEntries.key('t1'))).toBeUndefined();
});

test('one that is no longer the drain of its host does nothing', async () => {
  await kv.commit([], [drainRecords.put({ hostId: 'host-2', taskId: 't2', since: AT, moves: [] }, 'host-2')]);
  await expect(beginDrain({ kv })(task)).rejects.toMatchObject({ code: 'stale_task' });
});

test.each<[string, Partial<TaskRecord>, object, string]>([
  ['that hands over', { status: 'completed' }, {}, "node n1 of database 'shop' is led from another host"],
  ['that fails', { status: 'failed', error: 'nobody' }, { failed: "node n1 of database 'shop': nobody" }, "node n1 of database 'shop' did not hand over"],
  ['that is canceled', { status: 'canceled' }, { failed: "node n1 of database 'shop': its switchover is canceled" }, "node n1 of database 'shop' did not hand over"],
])('waits for a switchover %s', async (_what, ended, answer, line) => {
  const waiting = run(awaitMove({ kv }), { ...task, move });
  await kv.commit([], [taskRecords.put(switchover(ended), 'database', 'shop', 's1')]);
  expect([await waiting, await log()]).toEqual([answer, [line]]);
}); // prettier-ignore

test('is completed when no primary that moved is back; else it fails and names it; the end is written once', async () => {
  await kv.commit([], [instanceStatuses.put(status(true), 'shop', 'shop-n1-b')]);
  await endDrain({ kv })({ ...task, outcome: 'completed' });
  expect(await taskNow()).toMatchObject({ status: 'failed', error: expect.stringContaining("'shop-n1-b'") as string });
  await kv.commit(
    [],
    [
      instanceStatuses.put(status(false), 'shop', 'shop-n1-b'),
      taskRecords.put(record({ status: 'running' }), 'host', 'host-2', 't1'),
    ],
  );
  await endDrain({ kv })({ ...task, outcome: 'completed' });
  await endDrain({ kv })({ ...task, outcome: 'failed', error: 'late' });
  expect(await taskNow()).toMatchObject({ status: 'completed' });
  expect((await drainRecords.get(kv, 'host-2'))?.value.taskId).toBe('t1');
});
