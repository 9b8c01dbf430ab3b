import { databaseEntity } from '../entity/database-entity.ts';
import { databaseRecords } from '../postgres/records/index.ts';
import { createMemoryKv } from '../store/memory.ts';
import {
  appendLog,
  begin,
  endedTask,
  givenBack,
  makeTask,
  outboxEntries,
  ownsAtOnce,
  stateAfter,
  taskLogEntries,
  taskOf,
  taskRecords,
  TASKS,
} from './index.ts';
import type { DatabaseRecord } from '../postgres/records/database-records.ts';
import { TASK_TYPES, type TaskRecord } from './records.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const wish = { scope: 'database', entityId: 'shop', type: 'update', workflowId: 'database/shop' } as const;
const record = { id: 'shop', state: 'modifying', createdAt: '', updatedAt: '' } as const satisfies DatabaseRecord;

async function storeWith(task: TaskRecord, owner: string | undefined) {
  const kv = createMemoryKv();
  await kv.commit(
    [],
    [
      taskRecords.put(task, 'database', 'shop', task.taskId),
      { put: outboxEntries.key(task.taskId), value: {} },
      databaseRecords.put({ ...record, openTaskId: owner }, 'shop'),
    ],
  );
  return kv;
}

test('every type of task has its traits', () => {
  expect(Object.keys(TASKS).sort()).toEqual([...TASK_TYPES].sort());
});

test('a new task is pending, has an id that sorts by time and says when it was made', () => {
  const [a, b] = [makeTask(wish, NOW), makeTask(wish, NOW)];
  expect(a).toMatchObject({ ...wish, status: 'pending', createdAt: NOW.toISOString() });
  expect(a.taskId < b.taskId).toBe(true);
});

test('a task that waits for its time, or runs beside others, owns nothing yet', () => {
  expect(ownsAtOnce({ type: 'switchover' })).toBe(true);
  expect(ownsAtOnce({ type: 'switchover', scheduledAt: '2030-01-01T00:00:00Z' })).toBe(false);
  expect(ownsAtOnce({ type: 'node_backup' })).toBe(false);
});

test('a task begins once, leaves the outbox, and keeps what is noted of it', async () => {
  const task = makeTask(wish, NOW);
  const kv = await storeWith(task, task.taskId);
  expect(await begin(kv, task, { owns: true, noted: { hostId: 'host-1' } })).toBe(true);
  expect(await begin(kv, task, { owns: true })).toBe(false);
  expect((await taskRecords.get(kv, 'database', 'shop', task.taskId))?.value).toMatchObject({
    status: 'running',
    hostId: 'host-1',
  });
  expect(await outboxEntries.get(kv, task.taskId)).toBeUndefined();
});

test('a task that lost its database does not begin; one that is gone neither; one that is canceled stays so', async () => {
  const task = makeTask({ ...wish, status: 'canceling' }, NOW);
  const kv = await storeWith(task, 'another');
  await expect(begin(kv, task, { owns: true })).rejects.toMatchObject({ code: 'stale_task' });
  expect(await begin(kv, task)).toBe(false);
  expect((await taskRecords.get(kv, 'database', 'shop', task.taskId))?.value).toMatchObject({ status: 'canceling' });
  await expect(begin(kv, taskOf(databaseEntity('shop'), 'none'))).rejects.toMatchObject({ code: 'not_found' });
});

test.each([
  ['update', { outcome: 'completed' }, 'available'],
  ['update', { outcome: 'failed' }, 'failed'],
  ['restore', { outcome: 'canceled', untouched: true }, 'degraded'],
  ['restore', { outcome: 'canceled' }, 'failed'],
  ['switchover', { outcome: 'failed' }, 'restoring'],
] as const)('after a %s that ended as %j the database is %s', (type, end, state) => {
  expect(stateAfter({ state: 'restoring', stateBefore: 'degraded' }, type, end)).toBe(state);
});

test('a database that is given back has no owner and no former state', () => {
  const owned = { ...record, stateBefore: 'available', openTaskId: 't1' } as const;
  expect(givenBack(owned, 'restore', { outcome: 'failed', untouched: true })).toEqual({ ...record, state: 'available', openTaskId: undefined }); // prettier-ignore
});

test('a task that ended says when and, if it failed, why', () => {
  const task = makeTask(wish, NOW);
  expect(endedTask(task, { outcome: 'failed', error: 'no host' }, NOW)).toMatchObject({
    status: 'failed',
    completedAt: NOW.toISOString(),
    error: 'no host',
  });
  expect(endedTask(task, { outcome: 'canceled', error: 'x' }, NOW)).not.toHaveProperty('error');
});

test('lines of a log are kept in the order they were written', async () => {
  const kv = createMemoryKv();
  for (const message of ['one', 'two', 'three']) await appendLog(kv, taskOf(databaseEntity('shop'), 't1'), message);
  const rows = await taskLogEntries.list(kv, ['database', 'shop', 't1']);
  expect(rows.map(({ value }) => value.message)).toEqual(['one', 'two', 'three']);
});
