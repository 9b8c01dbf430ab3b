import type { DatabaseRecord, Kv, TaskRecord } from '@windlass/resources/store';
import { DomainError } from '@windlass/resources/errors';
import type { ActivityDeps } from './deps.ts';
import { placementOf } from './placement.ts';
import { appendTaskLog } from './task-log.ts';

export interface BeginTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Marks the task as running, clears it from the outbox and says on which queues there is something to refresh. */
export function beginTask(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function beginTask({ databaseId, taskId }: BeginTaskInput): Promise<{ refreshQueues: string[] }> {
    await markRunning(kv, databaseId, taskId);
    const records = await state.list(databaseId);
    const queueOf = placementOf(deps, databaseId);
    const queues = await Promise.all(records.map((r) => queueOf(r.executor)));
    if (queues.length > 0) await appendTaskLog(kv, { databaseId, taskId }, 'refreshing current state');
    return { refreshQueues: [...new Set(queues)].sort() };
  };
}

async function markRunning(kv: Kv, databaseId: string, taskId: string): Promise<void> {
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
