import { backupDatabaseNode } from '../postgres/routes/backup-database-node.ts';
import { deleteBackup } from '../postgres/routes/delete-backup.ts';
import { getBackup } from '../postgres/routes/get-backup.ts';
import { compareNodes } from '../postgres/routes/compare-nodes.ts';
import { getComparison } from '../postgres/routes/get-comparison.ts';
import { getDatabaseCa } from '../postgres/routes/get-database-ca.ts';
import { getInstanceLog } from '../postgres/routes/get-instance-log.ts';
import { rotateUser } from '../postgres/routes/rotate-user.ts';
import { openLogin } from '../postgres/routes/open-login.ts';
import { listConflicts } from '../postgres/routes/list-conflicts.ts';
import { skipTransaction } from '../postgres/routes/skip-transaction.ts';
import { getReplication } from '../postgres/routes/get-replication.ts';
import { listBackups } from '../postgres/routes/list-backups.ts';
import { verifyBackup } from '../postgres/routes/verify-backup.ts';
import { getCluster } from '../cluster/routes/get-cluster.ts';
import { getJoinOptions } from '../cluster/routes/get-join-options.ts';
import { getJoinToken } from '../cluster/routes/get-join-token.ts';
import { initCluster } from '../cluster/routes/init-cluster.ts';
import { joinCluster } from '../cluster/routes/join-cluster.ts';
import { forgetMasterKey } from '../cluster/routes/forget-master-key.ts';
import { getMasterKey } from '../cluster/routes/get-master-key.ts';
import { rotateMasterKey } from '../cluster/routes/rotate-master-key.ts';
import { giveDataKey } from '../cluster/routes/give-data-key.ts';
import { signCertificate } from '../cluster/routes/sign-certificate.ts';
import { applyUpgrade } from '../postgres/routes/apply-upgrade.ts';
import { databaseRoutes } from '../postgres/routes/database-routes.ts';
import { failoverDatabaseNode } from '../postgres/routes/failover-database-node.ts';
import { resyncNode } from '../postgres/routes/resync-node.ts';
import { restartInstance } from '../postgres/routes/restart-instance.ts';
import { restoreDatabase } from '../postgres/routes/restore-database.ts';
import { startInstance } from '../postgres/routes/start-instance.ts';
import { stopInstance } from '../postgres/routes/stop-instance.ts';
import { switchoverDatabaseNode } from '../postgres/routes/switchover-database-node.ts';
import { undoRestore } from '../postgres/routes/undo-restore.ts';
import { getHost } from '../hosts/routes/get-host.ts';
import { listHosts } from '../hosts/routes/list-hosts.ts';
import { drainHost } from '../hosts/routes/drain-host.ts';
import { getHostDrain } from '../hosts/routes/get-host-drain.ts';
import { removeHost } from '../hosts/routes/remove-host.ts';
import { resumeHost } from '../hosts/routes/resume-host.ts';
import { getVersion } from '../core/routes/get-version.ts';
import { decodePayloads } from '../core/routes/decode-payloads.ts';
import { getTaskById } from '../core/routes/get-task.ts';
import { hostTasks } from '../core/routes/host-tasks.ts';
import { listTasks } from '../core/routes/list-tasks.ts';
import { listAudit } from '../audit/routes/list-audit.ts';
import { createToken } from '../logins/routes/create-token.ts';
import { listTokens } from '../logins/routes/list-tokens.ts';
import { revokeToken } from '../logins/routes/revoke-token.ts';
import type { Route } from '../core/route.ts';

/** Every endpoint. A test fails when a file of this folder is not listed. */
export const routes: readonly Route[] = [
  backupDatabaseNode,
  deleteBackup,
  getBackup,
  listBackups,
  verifyBackup,
  createToken,
  listTokens,
  revokeToken,
  listAudit,
  getCluster,
  getJoinOptions,
  getJoinToken,
  initCluster,
  joinCluster,
  giveDataKey,
  getMasterKey,
  rotateMasterKey,
  forgetMasterKey,
  signCertificate,
  ...databaseRoutes,
  applyUpgrade,
  switchoverDatabaseNode,
  failoverDatabaseNode,
  restoreDatabase,
  undoRestore,
  getReplication,
  listConflicts,
  openLogin,
  getDatabaseCa,
  getInstanceLog,
  rotateUser,
  skipTransaction,
  compareNodes,
  resyncNode,
  getComparison,
  restartInstance,
  stopInstance,
  startInstance,
  getHost,
  listHosts,
  removeHost,
  drainHost,
  resumeHost,
  getHostDrain,
  getVersion,
  decodePayloads,
  ...hostTasks,
  getTaskById,
  listTasks,
];
