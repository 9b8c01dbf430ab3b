import { DomainError, toFailure } from '@windlass/resources/errors';
import type { TaskRecord } from '@windlass/resources/store';
import type { BeginTaskInput } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';

/** Marks a task that runs beside whatever owns the database as running, and clears it from the outbox. */
export function beginBeside({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginBeside({ databaseId, taskId }: BeginTaskInput): Promise<void> {
    const key = `tasks/database/${databaseId}/${taskId}`;
    for (;;) {
      const task = await kv.get(key);
      if (!task) throw toFailure(new DomainError('not_found', `no task '${taskId}' of database '${databaseId}'`));
      const record = task.value as TaskRecord;
      const status = record.status === 'pending' ? 'running' : record.status;
      const done = await kv.commit(
        [{ key, revision: task.revision }],
        [{ put: key, value: { ...record, status } }, { remove: `outbox/${taskId}` }],
      );
      if (done !== false) return;
    }
  };
}
