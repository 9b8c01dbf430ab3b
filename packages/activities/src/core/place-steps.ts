import { stepSentence, type Desired, type EntityRef, type Step } from '@windlass/resources/engine';
import { deferSteps, type Divided } from './defer-steps.ts';
import type { ActivityDeps } from './deps.ts';
import { hostQueue, placementOf } from './placement.ts';
import type { ResourceRecord } from '@windlass/resources/records';

/** A step with the queue it runs on; absent when it depends on who is primary when its turn comes. */
export type PlacedStep = Step & {
  readonly queue?: string;
  /** It may take hours. */
  readonly slow?: true;
};

/** What can be done now, and what has to wait for hosts that are away. */
export const divideSteps = (
  deps: ActivityDeps,
  entity: EntityRef,
  steps: readonly Step[],
  away: readonly string[],
): Promise<Divided> => deferSteps(steps, away, placementOf(deps, entity), (kind) => deps.kind(kind).deletableAt);

export const laterSentence = (step: Step): string => `${stepSentence(step)}, as soon as its host answers`;

/** A step at the primary has its queue now when there is only one host on which the primary can be. */
export async function placeSteps(
  deps: ActivityDeps,
  entity: EntityRef,
  steps: readonly Step[],
  resources: readonly (Desired | ResourceRecord)[],
  away: readonly string[],
): Promise<PlacedStep[]> {
  const work = deps.work(entity.kind);
  const placed: PlacedStep[] = [];
  const queueOf = placementOf(deps, entity, away);
  for (const one of steps) {
    const slow = one.action !== 'delete' && deps.kind(one.ref.kind).slow;
    const step = slow ? { ...one, slow } : one;
    const { executor } = step;
    const host = executor.on === 'primary' ? work.soleHost?.(resources, executor.node) : undefined;
    if (host !== undefined) placed.push({ ...step, queue: hostQueue(host) });
    else if (executor.on === 'primary') placed.push(step);
    else placed.push({ ...step, queue: await queueOf(executor) });
  }
  return placed;
}
