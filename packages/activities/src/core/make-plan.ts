import {
  foreignStatuses,
  plan,
  type Desired,
  type EntityRef,
  type Finding,
  type Plan,
} from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { queuesOf } from './placement.ts';
import type { ResourceRecord } from '@windlass/resources/records';

/** What a plan is made of. */
export interface PlanMatter {
  readonly entity: EntityRef;
  readonly desired: readonly Desired[];
  readonly current: readonly ResourceRecord[];
  /** What hosts that answered found. */
  readonly looked: readonly Finding[];
  /** Queues that did not answer: their resources are taken as stored. */
  readonly unreachable: readonly string[];
  readonly force?: boolean | undefined;
}

export interface Made {
  readonly result: Plan;
  /** What of its notes belongs into the log of the task. */
  readonly told: readonly string[];
}

/** The plan that brings an entity from what it has to what it should have, with what its kind says of it. */
export async function makePlan(deps: ActivityDeps, matter: PlanMatter): Promise<Made> {
  const { entity, desired, current, looked, force = false } = matter;
  const work = deps.work(entity.kind);
  const members = (await work.inCharge?.(deps, desired)) ?? new Map<string, string>();
  const findings = [...looked, ...(await unreachableFindings(deps, matter))];
  const inCharge = (group: string): string | undefined => members.get(group);
  const foreign = await foreignStatuses(deps.kv, desired);
  const result = plan({ current, desired, findings, foreign, force, kindFacts: kindFactsOf(deps), inCharge });
  const { notes = [], told = [] } = work.notes?.({ steps: result.steps, desired, looked, inCharge: members }) ?? {};
  return { result: { ...result, ...(notes.length > 0 && { notes }) }, told };
}

const kindFactsOf = (deps: ActivityDeps) => (name: string) => {
  const kind = deps.kind(name);
  return {
    immutable: kind.immutable ?? [],
    updatable: kind.update !== undefined,
    ...(kind.replaces && { replaces: kind.replaces }),
    ...(kind.interrupts && { interrupts: kind.interrupts }),
    ...(kind.interruptedBy && { interruptedBy: kind.interruptedBy }),
    ...(kind.leads && { leads: kind.leads }),
  };
};

async function unreachableFindings(
  deps: ActivityDeps,
  { entity, current, unreachable }: PlanMatter,
): Promise<Finding[]> {
  if (unreachable.length === 0) return [];
  const queues = await queuesOf(deps, entity, current);
  return current.flatMap(({ ref }, i) => {
    const queue = queues[i] ?? '';
    if (!unreachable.includes(queue)) return [];
    return [{ ref, missing: false, drift: [], unreachable: `${queue} does not answer` }];
  });
}
