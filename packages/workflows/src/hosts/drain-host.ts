import { ApplicationFailure, CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { rootCause } from '../core/apply-plan.ts';
import { controlFor, recordFor, waiting } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

type DrainHostInput = WorkflowInputs['drainHost'];

/**
 * Waits until every primary that can has handed over to a replica elsewhere. The switchovers are tasks of their own: a cancel
 * of the drain leaves them be.
 */
export async function drainHost(task: DrainHostInput): Promise<void> {
  const { hostId } = task;
  const end = (how: { outcome: 'completed' | 'failed' | 'canceled'; error?: string }) =>
    CancellationScope.nonCancellable(() =>
      recordFor(`record that the task is ${how.outcome}`).endDrain({ ...task, ...how }),
    );
  try {
    const { moves } = await controlFor(`which primaries leave host ${hostId}`).beginDrain(task);
    const ends = await Promise.all(
      moves.map((move) =>
        waiting(`node ${move.nodeName} of database ${move.databaseId} is led elsewhere`).awaitMove({ ...task, move }),
      ),
    );
    const failed = ends.flatMap((one) => (one.failed === undefined ? [] : [one.failed]));
    if (failed.length > 0) throw ApplicationFailure.nonRetryable(failed.join('\n'), 'steps_failed');
    await end({ outcome: 'completed' });
  } catch (err) {
    const { message, type } = rootCause(err);
    const canceled = wasCanceled(err);
    await end(canceled ? { outcome: 'canceled' } : { outcome: 'failed', error: message });
    if (canceled) throw new CancelledFailure('the task was canceled');
    throw ApplicationFailure.nonRetryable(message, type);
  }
}
