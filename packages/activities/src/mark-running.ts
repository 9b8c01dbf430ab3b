import { DomainError } from '@windlass/resources/errors';
import type { DatabaseRecord, Kv, TaskRecord } from '@windlass/resources/store';

/** Marks a task that owns its database as running and clears it from the outbox. `stale_task` when it owns it no more. */
export async function markRunning(kv: Kv, databaseId: string, taskId: string): Promise<void> {
  const key = `tasks/database/${databaseId}/${taskId}`;
  for (;;) {
    const [task, database] = await Promise.all([kv.get(key), kv.get(`databases/${databaseId}`)]);
    const record = task?.value as TaskRecord | undefined;
    if (!task || !record) throw new DomainError('not_found', `no task '${taskId}' of database '${databaseId}'`);
    if ((database?.value as DatabaseRecord | undefined)?.openTaskId !== taskId) {
      throw new DomainError('stale_task', `task '${taskId}' no longer owns database '${databaseId}'`);
    }
    const status = record.status === 'pending' ? 'running' : record.status;
    const done = await kv.commit(
      [{ key, revision: task.revision }],
      [{ put: key, value: { ...record, status } }, { remove: `outbox/${taskId}` }],
    );
    if (done !== false) return;
  }
}
