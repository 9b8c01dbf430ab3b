import {
  planSentences,
  refKey,
  waitingSentence,
  type Desired,
  type Finding,
  type Plan,
} from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import type { ActivityDeps } from './deps.ts';
import type { Around } from './entity-work.ts';
import { giveUp } from './give-up.ts';
import { makePlan } from './make-plan.ts';
import type { OwnedInput } from './own.ts';
import { divideSteps, laterSentence, placeSteps, type PlacedStep } from './place-steps.ts';
import { hostOf } from './placement.ts';
import { storePlan } from './stored-plan.ts';
import { appendTaskLog } from './task-log.ts';
import type { StoredPlan } from '@windlass/resources/records';

export interface PlanChangeInput extends OwnedInput {
  /** Revision of the spec the task was accepted for; absent for a delete. */
  readonly revision?: number;
  readonly findings: readonly Finding[];
  /** Queues that did not answer: their resources are taken as stored. */
  readonly unreachable: readonly string[];
  readonly force?: boolean;
  /** Image of an upgrade, by name or id. */
  readonly image?: string;
  /** Leaves out every step that is about something else; what that says is the business of the kind of entity. */
  readonly only?: object;
  /** Ids of the hosts among them that will not come back: what is on them is given up. */
  readonly givenUpHosts?: readonly string[];
}

/** Plans the difference and stores it with the task, before anything is changed. */
export function planChange(deps: ActivityDeps) {
  return async function planChange(input: PlanChangeInput): Promise<{ steps: PlacedStep[] }> {
    const { entity, taskId, revision, findings: looked, unreachable, force } = input;
    const current = await deps.state.list(entity);
    const desired = await desiredFor(deps, input, current);
    const made = await makePlan(deps, { entity, desired, current, looked, unreachable, force });
    const result = input.only ? focused(deps, input, made.result, { desired, current }) : made.result;
    const { now, later: left } = await divideSteps(deps, entity, result.steps, unreachable);
    const { later, givenUp } = giveUp(left, current, desired, input.givenUpHosts ?? []);
    const farewell = revision === undefined ? (deps.work(entity.kind).farewell?.(current, input) ?? []) : [];
    const value: StoredPlan = {
      steps: now,
      deferred: later,
      ...(result.waiting && { waiting: result.waiting }),
      ...(givenUp.length > 0 && { givenUp }),
      sentences: [
        ...planSentences({ ...result, steps: now }),
        ...later.map(laterSentence),
        ...farewell,
        ...givenUp.map((ref) => `give up ${refKey(ref)}: its host is gone`),
      ],
      createdAt: new Date().toISOString(),
    };
    await storePlan(deps.kv, { entity, taskId }, value, desired);
    const refreshed = current.length > 0 ? ['finished refreshing current state'] : [];
    const waiting = (result.waiting ?? []).map(waitingSentence);
    for (const sentence of [...farewell, ...refreshed, ...waiting, ...made.told, ...awaySentences(input)])
      await appendTaskLog(deps.kv, input, sentence);
    return { steps: await placeSteps(deps, entity, now, [...desired, ...current], unreachable) };
  };
}

async function desiredFor(
  deps: ActivityDeps,
  { entity, revision, image }: PlanChangeInput,
  current: Around['current'],
): Promise<readonly Desired[]> {
  if (revision === undefined) return [];
  return deps.work(entity.kind).desired(deps, entity, { declared: { revision }, current, image });
}

function focused(deps: ActivityDeps, { entity, only = {} }: PlanChangeInput, whole: Plan, around: Around): Plan {
  const part = deps.work(entity.kind).focus?.(whole, around, only);
  if (!part) throw new DomainError('server_error', `no operation is on a part of a ${entity.kind}`);
  return part;
}

const awaySentences = ({ unreachable, givenUpHosts = [] }: PlanChangeInput): string[] =>
  unreachable
    .map(hostOf)
    .map((host) =>
      givenUpHosts.includes(host)
        ? `host '${host}' is gone: what is on it is given up`
        : `host '${host}' did not answer: its part is left for later`,
    );
