import type { EntityRef } from '@windlass/resources/engine';
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
import { forgetDataKey, keys, type KvWrite } from '@windlass/resources/store';

/** What only a database has: its statuses, secrets, and what is known of its backups and restores. */
export const forgetDatabase = ({ kind, id }: EntityRef): KvWrite[] => [
  instanceStatuses.removeUnder(id),
  backupCatalogues.removeUnder(id),
  backupChecks.removeUnder(id),
  scheduleRuns.removeUnder(id),
  { removePrefix: keys.secret(`database/${id}/`) },
  ...forgetDataKey({ kind, id }),
  lastTasks.removeUnder(id),
  restoreRecords.removeUnder(id),
  swapRecords.removeUnder(id),
  comparisons.remove(id),
  comparisonWishes.remove(id),
];
