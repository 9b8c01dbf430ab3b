export { parseCatalogue, type Backup, type Catalogue, type RepositoryState } from './catalogue.ts';
export { dueForVerification, type Due } from './due-for-verification.ts';
export { purgeBackups } from './purge-backups.ts';
export { readCatalogue } from './read-catalogue.ts';
export { removeBackup } from './remove-backup.ts';
export { closeStandby, openStandby, type Standby } from './standby-server.ts';
export { healthyStandbys } from './healthy-standbys.ts';
export { takeBackup, type BackupWish } from './take-backup.ts';
export { verifyBackup } from './verify-backup.ts';
