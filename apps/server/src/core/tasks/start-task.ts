import { databaseSpecs } from '@windlass/resources/postgres/records';
import type { OutboxEntry } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { hostsOf } from './hosts-of.ts';
import { takeOver } from './take-over.ts';
import { toStart } from './workflow-start.ts';

/** Starts the workflow of an accepted task. Safe to repeat: the workflow id is the lock. */
export async function startTask(deps: ServerDeps, entry: OutboxEntry): Promise<'started' | 'already_running' | 'gone'> {
  const { entity, type } = entry;
  await takeOver(deps, entry);
  if (entity.kind === 'host') return deps.temporal.start(toStart(entry, { hostIds: [entity.id], revision: 0 }));
  const spec = await databaseSpecs.get(deps.kv, entity.id);
  if (type !== 'delete' && !spec) return 'gone';
  const hostIds = await hostsOf(deps.kv, entity.id, spec?.value);
  return deps.temporal.start(toStart(entry, { hostIds, revision: spec?.revision ?? 0 }));
}
