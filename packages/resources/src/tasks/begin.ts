import { DomainError } from '../errors/index.ts';
import { keys } from '../store/keys.ts';
import type { DatabaseRecord, Kv } from '../store/ports.ts';
import type { TaskRecord } from '../store/tasks.ts';
import type { TaskRef } from './task-ref.ts';

export interface Beginning {
  /** It must own its database still; `stale_task` when it does not. */
  readonly owns?: boolean;
  /** What is known of it now that was not when it was accepted. */
  readonly noted?: Partial<Pick<TaskRecord, 'instanceId' | 'hostId'>>;
}

/**
 * Marks a task as running and clears it from the outbox; whoever ends it ends something that has begun. One that is being
 * canceled stays so. Repeating it changes nothing. Tells whether the task was still pending. Throws `not_found`, `stale_task`.
 */
export async function begin(kv: Kv, task: TaskRef, { owns = false, noted = {} }: Beginning = {}): Promise<boolean> {
  const { scope, entityId, taskId } = task;
  const key = keys.task(scope, entityId, taskId);
  for (;;) {
    const [found, database] = await Promise.all([kv.get(key), owns ? kv.get(keys.database(entityId)) : undefined]);
    if (!found) throw new DomainError('not_found', `no task '${taskId}' of ${scope} '${entityId}'`);
    if (owns && (database?.value as DatabaseRecord | undefined)?.openTaskId !== taskId)
      throw new DomainError('stale_task', `task '${taskId}' no longer owns ${scope} '${entityId}'`);
    const record = found.value as TaskRecord;
    const wasPending = record.status === 'pending';
    const value: TaskRecord = { ...record, ...noted, status: wasPending ? 'running' : record.status };
    const writes = [{ put: key, value }, { remove: keys.outbox(taskId) }];
    if ((await kv.commit([{ key, revision: found.revision }], writes)) !== false) return wasPending;
  }
}
