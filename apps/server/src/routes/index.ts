import { backupDatabaseNode } from './backups/backup-database-node.ts';
import { deleteBackup } from './backups/delete-backup.ts';
import { getBackup } from './backups/get-backup.ts';
import { listBackups } from './backups/list-backups.ts';
import { verifyBackup } from './backups/verify-backup.ts';
import { getCluster } from './cluster/get-cluster.ts';
import { getJoinOptions } from './cluster/get-join-options.ts';
import { getJoinToken } from './cluster/get-join-token.ts';
import { initCluster } from './cluster/init-cluster.ts';
import { joinCluster } from './cluster/join-cluster.ts';
import { signCertificate } from './cluster/sign-certificate.ts';
import { applyUpgrade } from './databases/apply-upgrade.ts';
import { databaseRoutes } from './databases/database-routes.ts';
import { failoverDatabaseNode } from './databases/failover-database-node.ts';
import { restartInstance } from './databases/restart-instance.ts';
import { restoreDatabase } from './databases/restore-database.ts';
import { startInstance } from './databases/start-instance.ts';
import { stopInstance } from './databases/stop-instance.ts';
import { switchoverDatabaseNode } from './databases/switchover-database-node.ts';
import { undoRestore } from './databases/undo-restore.ts';
import { getHost } from './hosts/get-host.ts';
import { listHosts } from './hosts/list-hosts.ts';
import { removeHost } from './hosts/remove-host.ts';
import { getVersion } from './system/get-version.ts';
import { hostTasks } from './tasks/host-tasks.ts';
import { listTasks } from './tasks/list-tasks.ts';
import type { Route } from '../route.ts';

/** Every endpoint. A test fails when a file of this folder is not listed. */
export const routes: readonly Route[] = [
  backupDatabaseNode,
  deleteBackup,
  getBackup,
  listBackups,
  verifyBackup,
  getCluster,
  getJoinOptions,
  getJoinToken,
  initCluster,
  joinCluster,
  signCertificate,
  ...databaseRoutes,
  applyUpgrade,
  switchoverDatabaseNode,
  failoverDatabaseNode,
  restoreDatabase,
  undoRestore,
  restartInstance,
  stopInstance,
  startInstance,
  getHost,
  listHosts,
  removeHost,
  getVersion,
  ...hostTasks,
  listTasks,
];
