import { toFailure } from '@windlass/resources/errors';
import { begin, databaseTask } from '@windlass/resources/tasks';
import type { BeginTaskInput } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';

/** Marks a task that runs beside whatever owns the database as running, and clears it from the outbox. */
export function beginBeside({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginBeside({ databaseId, taskId }: BeginTaskInput): Promise<void> {
    try {
      await begin(kv, databaseTask(databaseId, taskId));
    } catch (err) {
      throw toFailure(err);
    }
  };
}
