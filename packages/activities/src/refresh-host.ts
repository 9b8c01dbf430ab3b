import { foreignStatuses, observe, type Finding, type Observation } from '@windlass/resources/engine';
import type { ResourceRecord } from '@windlass/resources/store';
import { refKey } from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { currentRun } from './current-run.ts';
import { placementOf } from './placement.ts';

export interface RefreshHostInput {
  readonly databaseId: string;
  /** Absent for a look that stores nothing. */
  readonly taskId?: string;
  readonly queue: string;
}

/** Looks at every stored resource of the database that belongs to this queue; returns only what is out of order. */
export function refreshHost(deps: ActivityDeps) {
  return async function refreshHost(input: RefreshHostInput): Promise<Finding[]> {
    const all = await deps.state.list(input.databaseId);
    const mine: ResourceRecord[] = [];
    const queueOf = placementOf(deps, input.databaseId);
    for (const record of all) {
      if ((await queueOf(record.executor)) === input.queue) mine.push(record);
    }
    const observer = { ...deps, foreign: await foreignStatuses(deps.kv, mine) };
    const observed = await observe(observer, input.databaseId, mine, all, currentRun());
    if (input.taskId !== undefined) await storeStatuses(deps, input.databaseId, input.taskId, observed);
    return observed.flatMap((o) => (o.finding ? [o.finding] : []));
  };
}

async function storeStatuses(
  deps: ActivityDeps,
  databaseId: string,
  taskId: string,
  observed: readonly Observation[],
): Promise<void> {
  const changed = observed.filter((o) => o.status !== undefined);
  if (changed.length === 0) return;
  const fence = await deps.state.acquire(databaseId, taskId);
  for (const { ref, status } of changed) {
    const found = await deps.state.get(databaseId, ref);
    if (found && refKey(found.value.ref) === refKey(ref)) {
      await deps.state.put(databaseId, { ...found.value, status }, found.revision, fence);
    }
  }
}
