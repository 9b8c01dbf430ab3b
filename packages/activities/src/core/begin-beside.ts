import { toFailure } from '@windlass/resources/errors';
import { begin, taskOf } from '@windlass/resources/tasks';
import type { BeginTaskInput } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';

/** Marks a task that runs beside whatever owns its entity as running, and clears it from the outbox. */
export function beginBeside({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginBeside({ entity, taskId }: BeginTaskInput): Promise<void> {
    try {
      await begin(kv, taskOf(entity, taskId));
    } catch (err) {
      throw toFailure(err);
    }
  };
}
