import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';

/** Marks a task that runs beside whatever owns its entity as running, and clears it from the outbox. */
export function beginBeside({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginBeside({ entity, taskId }: OwnedInput): Promise<void> {
    await begin(kv, taskOf(entity, taskId));
  };
}
