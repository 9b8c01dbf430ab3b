import { DomainError } from '@windlass/resources/errors';
import { outboxEntries, taskRecords } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';
import { appendTaskLog } from './task-log.ts';

/** A scheduled task waits now: it is out of the outbox, and its log says until when. It does not own its entity yet. */
export function beginWaiting({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginWaiting(input: OwnedInput & { readonly scheduledAt: string }): Promise<void> {
    const { entity, taskId, scheduledAt } = input;
    if (!(await taskRecords.get(kv, entity.kind, entity.id, taskId)))
      throw new DomainError('not_found', `no task '${taskId}' of ${entity.kind} '${entity.id}'`);
    if ((await kv.commit([{ key: outboxEntries.key(taskId), revision: 0 }], [])) !== false) return;
    await appendTaskLog(kv, input, `was scheduled for ${scheduledAt}`, { scheduled_at: scheduledAt });
    await kv.commit([], [outboxEntries.remove(taskId)]);
  };
}
