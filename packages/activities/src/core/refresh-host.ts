import { foreignStatuses, observe, type EntityRef, type Finding, type Observation } from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { currentRun } from './current-run.ts';
import { queuesOf } from './placement.ts';

export interface RefreshHostInput {
  readonly entity: EntityRef;
  /** Absent for a look that stores nothing. */
  readonly taskId?: string;
  readonly queue: string;
}

/** Looks at every stored resource of the entity that belongs to this queue; returns only what is out of order. */
export function refreshHost(deps: ActivityDeps) {
  return async function refreshHost(input: RefreshHostInput): Promise<Finding[]> {
    const all = await deps.state.list(input.entity);
    const queues = await queuesOf(deps, input.entity, all);
    const mine = all.filter((_record, i) => queues[i] === input.queue);
    const observer = { ...deps, foreign: await foreignStatuses(deps.kv, mine) };
    const observed = await observe(observer, input.entity, mine, all, currentRun());
    if (input.taskId !== undefined) await storeStatuses(deps, input.entity, input.taskId, observed);
    return observed.flatMap((o) => (o.finding ? [o.finding] : []));
  };
}

async function storeStatuses(
  deps: ActivityDeps,
  entity: EntityRef,
  taskId: string,
  observed: readonly Observation[],
): Promise<void> {
  const changed = observed.filter((o) => o.status !== undefined);
  if (changed.length === 0) return;
  const fence = await deps.state.acquire(entity, taskId);
  for (const { ref, status } of changed) {
    const found = await deps.state.get(entity, ref);
    if (found) await deps.state.put(entity, { ...found.value, status }, found.revision, fence);
  }
}
