import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';

/**
 * Marks the task of an operation, which owns its entity, as running. An operation looks at what it needs itself: nothing is
 * refreshed.
 */
export function beginOperation({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginOperation({ entity, taskId }: OwnedInput): Promise<void> {
    await begin(kv, taskOf(entity, taskId), { owns: true });
  };
}
