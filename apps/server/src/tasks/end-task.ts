import type { DatabaseRecord, TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** Ends a task that no workflow will end, and gives its database back. Repeating it changes nothing. */
export async function failTask(
  { kv, now }: ServerDeps,
  task: TaskRecord,
  status: 'failed' | 'canceled',
  error?: string,
): Promise<TaskRecord> {
  const taskKey = keys.task(task.scope, task.entityId, task.taskId);
  const databaseKey = keys.database(task.entityId);
  for (;;) {
    const [stored, database] = await Promise.all([kv.get(taskKey), kv.get(databaseKey)]);
    const current = stored?.value as TaskRecord | undefined;
    if (!stored || !current || ['completed', 'failed', 'canceled'].includes(current.status)) return current ?? task;
    const ended: TaskRecord = {
      ...current,
      status,
      completedAt: now().toISOString(),
      ...(status === 'failed' && { error }),
    };
    const record = database?.value as DatabaseRecord | undefined;
    const owned =
      record?.openTaskId === task.taskId
        ? [{ put: databaseKey, value: { ...record, state: 'failed', openTaskId: undefined } }]
        : [];
    const done = await kv.commit(
      [
        { key: taskKey, revision: stored.revision },
        { key: databaseKey, revision: database?.revision ?? 0 },
      ],
      [{ put: taskKey, value: ended }, { remove: keys.outbox(task.taskId) }, ...owned],
    );
    if (done !== false) return ended;
  }
}
