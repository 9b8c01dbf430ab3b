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
import { MAX_OPERATIONS, MAX_REQUEST_BYTES, type Kv, type KvWrite, type StoredPlan } from '@windlass/resources/store';
import type { OwnedInput } from './own.ts';

/** Stays well below what etcd takes in one request, so that what it adds to it always fits. */
const BATCH_BYTES = MAX_REQUEST_BYTES * 0.75;
const BATCH_WRITES = MAX_OPERATIONS - 1;

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

function inBatches(writes: readonly KvWrite[]): KvWrite[][] {
  const batches: KvWrite[][] = [[]];
  let bytes = 0;
  for (const write of writes) {
    const size = Buffer.byteLength(JSON.stringify(write));
    const last = batches.at(-1) ?? [];
    if (last.length > 0 && (last.length >= BATCH_WRITES || bytes + size > BATCH_BYTES)) {
      batches.push([write]);
      bytes = size;
    } else {
      last.push(write);
      bytes += size;
    }
  }
  return batches;
}
