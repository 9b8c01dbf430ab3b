import { endWithTask } from './end-with-task.ts';
import { partOf } from '../engine/entity-ref.ts';
import { planParts, planRecords } from '../engine/records.ts';
import type { Desired } from '../engine/resource.ts';
import { keys, restoreSecretName } from '../store/keys.ts';
import { createMemoryKv } from '../store/memory.ts';
import { taskRecords, type TaskRecord } from './records.ts';

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
  const stored = parts.map((value) => taskRecords.put(value, 'database', 'shop', value.taskId));
  const bad = { put: taskRecords.key('database', 'shop', 'bad'), value: { parentId: 'r' } };
  await kv.commit([], [...stored, bad, { put: secret, value: 'sealed' }]);
  await kv.commit([], await endWithTask(kv, task('r', { type: 'restore', ...failed })));
  const after = (await taskRecords.list(kv, ['database', 'shop'], { unreadable: () => undefined })).map(
    ({ value }) => value,
  );
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
  const shop = partOf({ kind: 'database', id: 'shop' });
  const applied: Desired = {
    ref: { kind: 'thing', id: 'a' },
    version: 1,
    spec: {},
    executor: { on: 'any' },
    dependsOn: [],
  };
  const put = (id: string) => [
    planRecords.put({ steps: [], sentences: [], createdAt: '2026-01-01T00:00:00Z' }, shop, id),
    planParts.put(applied, shop, id, 'thing::a'),
  ]; // prettier-ignore
  await kv.commit([], [...put('u'), ...put('v')]);
  await kv.commit([], await endWithTask(kv, task('u', { type: 'update', ...failed })));
  expect((await kv.list('')).map((row) => row.key)).toEqual([
    planRecords.key(shop, 'u'),
    planRecords.key(shop, 'v'),
    planParts.key(shop, 'v', 'thing::a'),
  ]);
  expect(await endWithTask(kv, task('h', { scope: 'host', type: 'remove_host', ...failed }))).toEqual([
    { removePrefix: 'plans/host.shop/h/' },
  ]);
});
