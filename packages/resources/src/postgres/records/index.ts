export {
  backupCatalogues,
  backupChecks,
  leftoverRecords,
  scheduleRuns,
  type Leftovers,
  type StoredCatalogue,
  type BackupCheck,
  type ScheduleRun,
} from './backup-records.ts';
export { comparisons, comparisonWishes, type Comparison, type ComparisonWish } from './comparison-records.ts';
export { conflictKey, conflictRecords } from './conflict-records.ts';
export {
  databaseRecords,
  databaseSpecs,
  keptBackupRecords,
  lastTasks,
  proposals,
  type DatabaseRecord,
  type KeptBackups,
} from './database-records.ts';
export {
  instanceStatuses,
  type ArchivingStatus,
  type InstanceStatus,
  type InstanceCondition,
} from './instance-records.ts';
export {
  FOLLOWING_STATES,
  type FollowedPeer,
  type FollowingState,
  type PeerSlot,
  type ReplicationStatus,
} from './replication-records.ts';
export { instanceLog } from './log-records.ts';
export { openedLogin } from './login-records.ts';
export { restoreRecords, swapRecords, type RestoreRecord, type SwapRecord } from './restore-records.ts';
export type * from './workflow-inputs.ts';
