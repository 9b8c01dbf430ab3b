import {
  partOf,
  planParts,
  planRecords,
  refKey,
  wholePlans,
  type Desired,
  type Step,
} from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import { inBatches, type Kv, type KvWrite } from '@windlass/resources/store';
import type { OwnedInput } from './own.ts';
import type { StoredPlan } from '@windlass/resources/records';

/**
 * Stores a plan with the task: what each step applies under a key of its own, and the plan itself last, so that a plan
 * that is found has all its parts. Holds no secret: specs only name secrets.
 */
export async function storePlan(
  kv: Kv,
  task: OwnedInput,
  plan: StoredPlan,
  desired: readonly Desired[],
): Promise<void> {
  const id = [partOf(task.entity), task.taskId] as const;
  const specs = new Map<string, Desired>(desired.map((d) => [refKey(d.ref), d]));
  const parts = plan.steps.flatMap(({ action, ref }): KvWrite[] => {
    const value = action === 'delete' ? undefined : specs.get(refKey(ref));
    return value ? [planParts.put(value, ...id, refKey(ref))] : [];
  });
  const batches = inBatches([...parts, planRecords.put(plan, ...id)]);
  if (batches.length > 1) await kv.commit([], [planRecords.remove(...id)]); // one of an earlier attempt
  for (const batch of batches) await kv.commit([], batch);
}

/** What a step applies; undefined for a delete. `stale_task` when the plan is gone. */
export async function partFor(kv: Kv, { entity, taskId }: OwnedInput, step: Step): Promise<Desired | undefined> {
  if (step.action === 'delete') return undefined;
  const id = [partOf(entity), taskId] as const;
  const part = await planParts.get(kv, ...id, refKey(step.ref));
  if (part) return part.value;
  const whole = await wholePlans.get(kv, ...id);
  if (!whole) throw new DomainError('stale_task', `task '${taskId}' has no plan any more`);
  return whole.value.desired?.find((d) => refKey(d.ref) === refKey(step.ref));
}
