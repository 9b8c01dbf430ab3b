import { DomainError, toFailure } from '@windlass/resources/errors';
import { outboxEntries, taskRecords } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

/** A scheduled task waits now: it is out of the outbox, and its log says until when. It does not own the database yet. */
export function beginWaiting({ kv }: ActivityDeps) {
  return async function beginWaiting(input: {
    readonly databaseId: string;
    readonly taskId: string;
    readonly scheduledAt: string;
  }): Promise<void> {
    const { databaseId, taskId, scheduledAt } = input;
    if (!(await taskRecords.get(kv, 'database', databaseId, taskId)))
      throw toFailure(new DomainError('not_found', `no task '${taskId}' of database '${databaseId}'`));
    if ((await kv.commit([{ key: outboxEntries.key(taskId), revision: 0 }], [])) !== false) return;
    await appendTaskLog(kv, input, `was scheduled for ${scheduledAt}`, { scheduled_at: scheduledAt });
    await kv.commit([], [outboxEntries.remove(taskId)]);
  };
}
