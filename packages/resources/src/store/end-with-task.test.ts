import { endWithTask } from './end-with-task.ts';
import { keys, restoreSecretName } from './keys.ts';
import { createMemoryKv } from './memory.ts';
import type { TaskRecord } from './tasks.ts';

const task = (taskId: string, more: Partial<TaskRecord> = {}): TaskRecord => ({
  taskId, scope: 'database', entityId: 'shop', type: 'node_restore', status: 'running', createdAt: '2026-01-01T00:00:00Z', workflowId: '', ...more,
}); // prettier-ignore
const failed = { status: 'failed', completedAt: '2026-01-01T00:01:00Z', error: 'its workflow is gone' } as const;

test('a restore takes the tasks of its nodes that still run with it, and the credentials sealed for it', async () => {
  const kv = createMemoryKv();
  const secret = keys.secret(restoreSecretName('shop', 'r'));
  const parts = [
    task('n1', { parentId: 'r' }),
    task('n2', { parentId: 'r', status: 'completed' }),
    task('x', { parentId: 'y' }),
  ];
  const stored = parts.map((value) => ({ put: keys.task('database', 'shop', value.taskId), value }));
  await kv.commit([], [...stored, { put: secret, value: 'sealed' }]);
  await kv.commit([], await endWithTask(kv, task('r', { type: 'restore', ...failed })));
  const after = (await kv.list(keys.tasks('database', 'shop'))).map(({ value }) => value as TaskRecord);
  expect(new Map(after.map((t) => [t.taskId, [t.status, t.error]]))).toEqual(
    new Map([
      ['n1', ['failed', 'parent task failed: its workflow is gone']],
      ['n2', ['completed', undefined]],
      ['x', ['running', undefined]],
    ]),
  );
  expect(await kv.get(secret)).toBeUndefined();
});

test('nothing ends with another task', async () => {
  expect(await endWithTask(createMemoryKv(), task('u', { type: 'update', ...failed }))).toEqual([]);
});
