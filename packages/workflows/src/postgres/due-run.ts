import { ApplicationFailure, CancellationScope, sleep, workflowInfo } from '@temporalio/workflow';
import type { OpenRun } from '@windlass/activities';
import type { ScheduledRun } from '@windlass/resources/postgres/records';
import { rootCause } from '../core/apply-plan.ts';
import { controlFor, recordFor } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

/** A run waits this often, for 5 s, for whatever keeps the database from having it. */
const PATIENCE = 120;

type End = { outcome: 'completed' | 'failed' | 'canceled' | 'missed'; taskId?: string; error?: string };

/** A run of a schedule. It becomes an ordinary task; one that fails or cannot begin is kept as such, never passed over. */
export async function dueRun(
  run: ScheduledRun,
  taskType: OpenRun['taskType'],
  work: (taskId: string) => Promise<void>,
): Promise<void> {
  const record = (end: End) =>
    CancellationScope.nonCancellable(() =>
      recordFor(`record that the run is ${end.outcome}`).recordScheduledBackup({ ...run, ...end }),
    );
  const opened = await open(run, taskType);
  if (opened.outcome !== 'open') {
    if (opened.outcome === 'off') return;
    await record({ outcome: 'missed', error: opened.reason });
    throw ApplicationFailure.nonRetryable(`the ${WORDS[taskType]} was missed: ${opened.reason}`, 'backup_missed');
  }
  const { taskId } = opened;
  try {
    await work(taskId);
    await record({ outcome: 'completed', taskId });
  } catch (err) {
    const { message } = rootCause(err);
    await record(wasCanceled(err) ? { outcome: 'canceled', taskId } : { outcome: 'failed', taskId, error: message });
    throw err;
  }
}

const WORDS = { node_backup: 'backup', verify_backup: 'verification' } as const;

async function open(run: ScheduledRun, taskType: OpenRun['taskType']) {
  const { workflowId } = workflowInfo();
  for (let waited = 0; ; waited += 1) {
    const asked = controlFor(`open the task of the ${WORDS[taskType]}`);
    const opened = await asked.openScheduledBackup({ ...run, workflowId, taskType });
    if (opened.outcome !== 'busy' || waited === PATIENCE) return opened;
    await sleep('5s');
  }
}
