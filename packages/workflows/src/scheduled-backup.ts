import { ApplicationFailure, CancellationScope, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { ScheduledRun } from '@windlass/activities';
import { rootCause } from './apply-plan.ts';
import { backupNode } from './backup-node.ts';
import { controlFor } from './proxies.ts';

export interface ScheduledBackupInput extends ScheduledRun {
  readonly type: 'full' | 'incr';
}

/** A run waits this often, for 5 s, for whatever keeps the database from having a backup. */
const PATIENCE = 120;

/** A backup that is due. It becomes an ordinary task; one that fails or cannot begin is kept as such, never passed over. */
export async function scheduledBackup(input: ScheduledBackupInput): Promise<void> {
  const { databaseId, nodeName, scheduleId, type } = input;
  const record = (end: { outcome: 'completed' | 'failed' | 'canceled' | 'missed'; taskId?: string; error?: string }) =>
    CancellationScope.nonCancellable(() =>
      controlFor(`record that the run is ${end.outcome}`).recordScheduledBackup({
        databaseId,
        nodeName,
        scheduleId,
        ...end,
      }),
    );
  const opened = await open(input);
  if (opened.outcome !== 'open') {
    if (opened.outcome === 'off') return;
    await record({ outcome: 'missed', error: opened.reason });
    throw ApplicationFailure.nonRetryable(`the backup was missed: ${opened.reason}`, 'backup_missed');
  }
  const { taskId } = opened;
  try {
    await backupNode({ databaseId, taskId, nodeName, type, annotations: { schedule: scheduleId }, options: {} });
    await record({ outcome: 'completed', taskId });
  } catch (err) {
    const { message } = rootCause(err);
    await record(isCancellation(err) ? { outcome: 'canceled', taskId } : { outcome: 'failed', taskId, error: message });
    throw err;
  }
}

async function open({ databaseId, nodeName, scheduleId }: ScheduledBackupInput) {
  const { workflowId } = workflowInfo();
  const run = { databaseId, nodeName, scheduleId, workflowId };
  for (let waited = 0; ; waited += 1) {
    const opened = await controlFor('open the task of the backup').openScheduledBackup(run);
    if (opened.outcome !== 'busy' || waited === PATIENCE) return opened;
    await sleep('5s');
  }
}
