import { refKey, type Desired, type Step } from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import { inBatches, keys, type Kv, type KvWrite, type StoredPlan } from '@windlass/resources/store';
import type { OwnedInput } from './own.ts';

/**
 * Before plans were stored in parts the whole of one held the specs of everything the database should have. A migration takes those
 * that are found apart; while the hosts are upgraded one after the other, a worker from before may store another one.
 */
interface WholePlan extends StoredPlan {
  readonly desired?: readonly Desired[];
}

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
  const { databaseId, taskId } = task;
  const specs = new Map<string, Desired>(desired.map((d) => [refKey(d.ref), d]));
  const parts = plan.steps.flatMap(({ action, ref }): KvWrite[] => {
    const value = action === 'delete' ? undefined : specs.get(refKey(ref));
    return value ? [{ put: keys.planPart(databaseId, taskId, ref), value }] : [];
  });
  const whole = keys.plan(databaseId, taskId);
  const batches = inBatches([...parts, { put: whole, value: plan }]);
  if (batches.length > 1) await kv.commit([], [{ remove: whole }]); // one of an earlier attempt
  for (const batch of batches) await kv.commit([], batch);
}

/** What a step applies; undefined for a delete. `stale_task` when the plan is gone. */
export async function partFor(kv: Kv, { databaseId, taskId }: OwnedInput, step: Step): Promise<Desired | undefined> {
  if (step.action === 'delete') return undefined;
  const part = await kv.get(keys.planPart(databaseId, taskId, step.ref));
  if (part) return part.value as Desired;
  const whole = (await kv.get(keys.plan(databaseId, taskId)))?.value as WholePlan | undefined;
  if (!whole) throw new DomainError('stale_task', `task '${taskId}' has no plan any more`);
  return whole.desired?.find((d) => refKey(d.ref) === refKey(step.ref));
}
