import { endWithTask } from './end-with-task.ts';
import { keys, restoreSecretName } from '../store/keys.ts';
import { createMemoryKv } from '../store/memory.ts';
import type { TaskRecord } from '../store/tasks.ts';

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

test('what the steps of its plan apply ends with any task, and nothing else; its plan stays', async () => {
  const kv = createMemoryKv();
  const ref = { kind: 'thing', id: 'a' };
  const put = (id: string) => [
    { put: keys.plan('shop', id), value: {} },
    { put: keys.planPart('shop', id, ref), value: {} },
  ];
  await kv.commit([], [...put('u'), ...put('v')]);
  await kv.commit([], await endWithTask(kv, task('u', { type: 'update', ...failed })));
  expect((await kv.list('')).map((row) => row.key)).toEqual([
    keys.plan('shop', 'u'),
    keys.plan('shop', 'v'),
    keys.planPart('shop', 'v', ref),
  ]);
  expect(await endWithTask(kv, task('h', { scope: 'host', type: 'remove_host', ...failed }))).toEqual([
    { removePrefix: 'plans/host.shop/h/' },
  ]);
});
