import type { WorkflowInputs } from '@windlass/resources/tasks';
import { backupNode } from './backup-node.ts';
import { dueRun } from './due-run.ts';
import { verifyDue } from './verify-due.ts';

/** A backup that is due. */
export async function scheduledBackup({ type, ...run }: WorkflowInputs['scheduledBackup']): Promise<void> {
  const { databaseId, nodeName, scheduleId } = run;
  await dueRun(run, 'node_backup', (taskId) =>
    backupNode({ databaseId, taskId, nodeName, type, annotations: { schedule: scheduleId }, options: {} }),
  );
}

/** A verification that is due. */
export async function scheduledVerification(run: WorkflowInputs['scheduledVerification']): Promise<void> {
  const { databaseId, nodeName } = run;
  await dueRun(run, 'verify_backup', (taskId) => verifyDue({ databaseId, taskId, nodeName }));
}
