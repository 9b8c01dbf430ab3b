export { planParts, planRecords, resourceRecords } from '../engine/records.ts';
export { backupCatalogues, backupChecks, leftoverRecords, scheduleRuns } from './backup-records.ts';
export {
  databaseRecords,
  databaseSpecs,
  instanceStatuses,
  keptBackupRecords,
  lastTasks,
  proposals,
  restoreRecords,
  swapRecords,
} from './database-records.ts';
export { heartbeats, hostRecords, joinTokens, memberRecords, portHolders, removalRecords } from './host-records.ts';
