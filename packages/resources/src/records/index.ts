export { planParts, planRecords, resourceRecords } from '../engine/records.ts';
export { backupCatalogues, backupChecks, leftoverRecords, scheduleRuns } from './backup-records.ts';
export { databaseRecords, databaseSpecs, keptBackupRecords, lastTasks, proposals } from './database-records.ts';
export { heartbeats, hostRecords, joinTokens, memberRecords, removalRecords } from './host-records.ts';
export { portHolders } from '../store/port-reservations.ts';
export { instanceStatuses } from './instance-records.ts';
export { restoreRecords, swapRecords } from './restore-records.ts';
