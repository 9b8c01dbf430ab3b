import { toFailure } from '@windlass/resources/errors';
import type { Executor } from '@windlass/resources/plan';
import type { ActivityDeps } from './deps.ts';
import { placementOf } from './placement.ts';

/** The queue of a step that has to run at the primary, asked when its turn comes. */
export function placeStep(deps: ActivityDeps) {
  return async function placeStep(input: {
    readonly databaseId: string;
    readonly executor: Executor;
  }): Promise<string> {
    try {
      return await placementOf(deps, input.databaseId)(input.executor);
    } catch (err) {
      throw toFailure(err);
    }
  };
}
