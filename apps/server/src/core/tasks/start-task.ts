import type { OutboxEntry } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { upkeepOf } from './entity-upkeep.ts';
import { takeOver } from './take-over.ts';
import { toStart } from './workflow-start.ts';

/** Starts the workflow of an accepted task. Safe to repeat: the workflow id is the lock. */
export async function startTask(deps: ServerDeps, entry: OutboxEntry): Promise<'started' | 'already_running' | 'gone'> {
  const { kv, temporal, upkeep } = deps;
  await takeOver(deps, entry);
  const kind = upkeepOf(upkeep, entry.entity.kind);
  const around = await kind.surroundings(kv, entry);
  return around ? temporal.start(toStart(kind, entry, around)) : 'gone';
}
