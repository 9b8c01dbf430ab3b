import { database } from '@windlass/resources/entity';
import {
  databaseSpecs,
  lastTasks,
  restoreRecords,
  scheduleRuns,
  swapRecords,
} from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import type { EntityUpkeep, Surroundings } from '../core/tasks/entity-upkeep.ts';
import type { OutboxEntry } from '@windlass/resources/tasks';
import { databaseRuns } from './database-runs.ts';
import { hostsOf } from './hosts-of.ts';

/** How the server looks after the tasks of databases. */
export const databaseUpkeep: EntityUpkeep = {
  kind: database.kind,
  runs: databaseRuns,
  surroundings,
  refersTo: (kv, { kind, id }) => (kind === database.kind ? referredTo(kv, id) : Promise.resolve([])),
  forgottenWith: ({ entityId, taskId }) => [restoreRecords.remove(entityId, taskId)],
};

/** Only a delete needs no spec. */
async function surroundings(kv: Kv, { entity: { id }, type }: OutboxEntry): Promise<Surroundings | undefined> {
  const spec = await databaseSpecs.get(kv, id);
  if (type !== 'delete' && !spec) return undefined;
  const hostIds = await hostsOf(kv, id, spec?.value);
  return { hostIds, revision: spec?.revision ?? 0, attributes: { WindlassDatabaseId: id } };
}

/** The last task of a node, of a schedule, of a swap that can be undone. */
async function referredTo(kv: Kv, id: string): Promise<readonly string[]> {
  const [swaps, runs, last] = await Promise.all([
    swapRecords.list(kv, [id]),
    scheduleRuns.list(kv, [id]),
    lastTasks.list(kv, [id]),
  ]);
  return [
    ...swaps.map(({ value }) => value.taskId),
    ...runs.flatMap(({ value }) => value.taskId ?? []),
    ...last.map(({ value }) => value),
  ];
}
