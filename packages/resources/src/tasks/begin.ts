import { DomainError } from '../errors/index.ts';
import type { Kv } from '../store/kv.ts';
import { outboxEntries } from './outbox.ts';
import { readHeld } from './read-held.ts';
import { taskRecords, type TaskRecord } from './records.ts';
import type { TaskRef } from './task-ref.ts';

export interface Beginning {
  /** It must own its entity still; `stale_task` when it does not. */
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
  let wasPending = false;
  if (owns) await refuseStale(kv, task);
  const begun = await taskRecords.change(
    kv,
    [scope, entityId, taskId],
    (record) => {
      wasPending = record.status === 'pending';
      return { ...record, ...noted, status: wasPending ? 'running' : record.status };
    },
    () => ({ writes: [outboxEntries.remove(taskId)] }),
  );
  if (!begun) throw new DomainError('not_found', `no task '${taskId}' of ${scope} '${entityId}'`);
  return wasPending;
}

async function refuseStale(kv: Kv, task: TaskRef): Promise<void> {
  const { scope, entityId, taskId } = task;
  if ((await readHeld(kv, task)).owner === taskId) return;
  throw new DomainError('stale_task', `task '${taskId}' no longer owns ${scope} '${entityId}'`);
}
