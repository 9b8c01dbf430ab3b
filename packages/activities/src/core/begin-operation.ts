import { toFailure } from '@windlass/resources/errors';
import type { BeginTaskInput } from './begin-task.ts';
import type { ActivityDeps } from './deps.ts';
import { markRunning } from './mark-running.ts';

/** Marks the task of an operation as running. An operation looks at what it needs itself: nothing is refreshed. */
export function beginOperation(deps: ActivityDeps) {
  return async function beginOperation(input: BeginTaskInput): Promise<void> {
    try {
      await markRunning(deps, input);
    } catch (err) {
      throw toFailure(err);
    }
  };
}
