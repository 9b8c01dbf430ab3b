import { instance } from '@windlass/resources/postgres/kinds';
import { partOf, resourceRecords, type EntityRef } from '@windlass/resources/engine';
import {
  backupCatalogues,
  backupChecks,
  comparisons,
  comparisonWishes,
  instanceStatuses,
  lastTasks,
  restoreRecords,
  scheduleRuns,
  swapRecords,
} from '@windlass/resources/postgres/records';
import { keys, type Kv, type KvWrite } from '@windlass/resources/store';

/** What only a database has: its statuses, secrets, and what is known of its backups and restores. */
export const forgetDatabase = ({ id }: EntityRef): KvWrite[] => [
  instanceStatuses.removeUnder(id),
  backupCatalogues.removeUnder(id),
  backupChecks.removeUnder(id),
  scheduleRuns.removeUnder(id),
  { removePrefix: keys.secret(`database/${id}/`) },
  lastTasks.removeUnder(id),
  restoreRecords.removeUnder(id),
  swapRecords.removeUnder(id),
  comparisons.remove(id),
  comparisonWishes.remove(id),
];

/** Statuses of instances that are no longer there. */
export async function strayStatuses(kv: Kv, entity: EntityRef): Promise<KvWrite[]> {
  const [statuses, resources] = await Promise.all([
    instanceStatuses.list(kv, [entity.id]),
    resourceRecords.list(kv, [partOf(entity)]),
  ]);
  const there = new Set(resources.flatMap(({ value: { ref } }) => (ref.kind === instance.kind ? [ref.id] : [])));
  return statuses.filter(({ value }) => !there.has(value.instanceId)).map(({ id }) => instanceStatuses.remove(...id));
}
