import type { WorkflowName, Workflows } from '@windlass/resources/tasks';
import type * as exported from './index.ts';

export { createDatabase } from './create-database.ts';
export { updateDatabase } from './update-database.ts';
export { upgradeDatabase } from './upgrade-database.ts';
export { deleteDatabase } from './delete-database.ts';
export { switchoverNode } from './switchover-node.ts';
export { failoverNode } from './failover-node.ts';
export { restartInstance } from './restart-instance.ts';
export { stopInstance } from './stop-instance.ts';
export { startInstance } from './start-instance.ts';
export { backupNode } from './backup-node.ts';
export { deleteBackup, verifyBackup } from './change-backup.ts';
export { scheduledBackup, scheduledVerification } from './scheduled-backup.ts';
export { listBackups } from './list-backups.ts';
export { restoreDatabase, undoRestore } from './restore-database.ts';
export { planDatabase } from './plan-database.ts';
export { inspectDatabase } from './inspect-database.ts';
export { validatePlacement } from './validate-placement.ts';
export { removeHost } from './remove-host.ts';

type Named<All extends Workflows, Names extends WorkflowName> = [All, Names];
/**
 * Who starts a workflow names it and gives it what `WorkflowInputs` says. One that is not exported under its name, takes
 * something else, or is not in `WorkflowInputs` does not compile here.
 */
export type StartedByName = Named<typeof exported, keyof typeof exported>;
