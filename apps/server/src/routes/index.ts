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
import { createDatabase } from './databases/create-database.ts';
import { deleteDatabase } from './databases/delete-database.ts';
import { failoverDatabaseNode } from './databases/failover-database-node.ts';
import { getDatabase } from './databases/get-database.ts';
import { listDatabases } from './databases/list-databases.ts';
import { listResources } from './databases/list-resources.ts';
import { planDatabase } from './databases/plan-database.ts';
import { planNewDatabase } from './databases/plan-new-database.ts';
import { restartInstance } from './databases/restart-instance.ts';
import { restoreDatabase } from './databases/restore-database.ts';
import { startInstance } from './databases/start-instance.ts';
import { stopInstance } from './databases/stop-instance.ts';
import { switchoverDatabaseNode } from './databases/switchover-database-node.ts';
import { undoRestore } from './databases/undo-restore.ts';
import { updateDatabase } from './databases/update-database.ts';
import { getHost } from './hosts/get-host.ts';
import { listHosts } from './hosts/list-hosts.ts';
import { removeHost } from './hosts/remove-host.ts';
import { getVersion } from './system/get-version.ts';
import { cancelDatabaseTask } from './tasks/cancel-database-task.ts';
import { getDatabaseTask } from './tasks/get-database-task.ts';
import { getDatabaseTaskLog } from './tasks/get-database-task-log.ts';
import { getDatabaseTaskPlan } from './tasks/get-database-task-plan.ts';
import { getHostTask } from './tasks/get-host-task.ts';
import { getHostTaskLog } from './tasks/get-host-task-log.ts';
import { listDatabaseTasks } from './tasks/list-database-tasks.ts';
import { listHostTasks } from './tasks/list-host-tasks.ts';
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
  createDatabase,
  deleteDatabase,
  getDatabase,
  listDatabases,
  listResources,
  planDatabase,
  planNewDatabase,
  updateDatabase,
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
  cancelDatabaseTask,
  getDatabaseTask,
  getDatabaseTaskLog,
  getDatabaseTaskPlan,
  getHostTask,
  getHostTaskLog,
  listDatabaseTasks,
  listHostTasks,
  listTasks,
];
