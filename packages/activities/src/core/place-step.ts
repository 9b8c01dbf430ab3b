import type { EntityRef } from '@windlass/resources/engine';
import type { Executor } from '@windlass/resources/plan';
import type { ActivityDeps } from './deps.ts';
import { placementOf } from './placement.ts';

/** The queue of a step that has to run at the primary, asked when its turn comes. */
export function placeStep(deps: ActivityDeps) {
  return async function placeStep(input: { readonly entity: EntityRef; readonly executor: Executor }): Promise<string> {
    return await placementOf(deps, input.entity)(input.executor);
  };
}
