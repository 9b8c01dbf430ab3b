import type { WorkflowName, Workflows } from '@windlass/resources/tasks';
import type * as exported from './index.ts';

export { inspectEntity } from './core/inspect-entity.ts';
export { planEntity } from './core/plan-entity.ts';
export { createDatabase } from './postgres/create-database.ts';
export { updateDatabase } from './postgres/update-database.ts';
export { upgradeDatabase } from './postgres/upgrade-database.ts';
export { deleteDatabase } from './postgres/delete-database.ts';
export { switchoverNode } from './postgres/switchover-node.ts';
export { failoverNode } from './postgres/failover-node.ts';
export { restartInstance } from './postgres/restart-instance.ts';
export { stopInstance } from './postgres/stop-instance.ts';
export { startInstance } from './postgres/start-instance.ts';
export { backupNode } from './postgres/backup-node.ts';
export { deleteBackup, verifyBackup } from './postgres/change-backup.ts';
export { scheduledBackup, scheduledVerification } from './postgres/scheduled-backup.ts';
export { skipTransaction } from './postgres/skip-transaction.ts';
export { compareNodes } from './postgres/compare-nodes.ts';
export { listConflicts } from './postgres/list-conflicts.ts';
export { openLogin } from './postgres/open-login.ts';
export { readLog } from './postgres/read-log.ts';
export { listBackups } from './postgres/list-backups.ts';
export { restoreDatabase, undoRestore } from './postgres/restore-database.ts';
export { planDatabase } from './postgres/plan-database.ts';
export { inspectDatabase } from './postgres/inspect-database.ts';
export { validatePlacement } from './postgres/validate-placement.ts';
export { drainHost } from './hosts/drain-host.ts';
export { removeHost } from './hosts/remove-host.ts';

type Named<All extends Workflows, Names extends WorkflowName> = [All, Names];
/**
 * Who starts a workflow names it and gives it what `WorkflowInputs` says. One that is not exported under its name, takes
 * something else, or is not in `WorkflowInputs` does not compile here.
 */
export type StartedByName = Named<typeof exported, keyof typeof exported>;
