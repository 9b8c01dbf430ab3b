import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { rootCause } from '../core/apply-plan.ts';
import { controlFor, lookAt, recordFor, waiting } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

type RemoveHostInput = WorkflowInputs['removeHost'];

/** Waits until every database has let go of the host, then takes it out of the swarm and forgets it. */
export async function removeHost(task: RemoveHostInput): Promise<void> {
  const { hostId } = task;
  try {
    const { updates, swarm } = await controlFor(`what is on host ${hostId}`).beginRemoval(task);
    const ends = await Promise.all(
      updates.map((update) => waiting(`database ${update.databaseId} lets go of it`).awaitUpdate({ ...task, update })),
    );
    const failed = ends.flatMap((end) => (end.failed === undefined ? [] : [end.failed]));
    if (failed.length > 0) throw ApplicationFailure.nonRetryable(failed.join('\n'), 'steps_failed');
    if (swarm) await leave(task, swarm);
    await controlFor(`forget host ${hostId}`).forgetHost(task);
  } catch (err) {
    const { message, type } = rootCause(err);
    const error = wasCanceled(err) ? 'its workflow was canceled' : message;
    const record = recordFor('record that the task is failed');
    await CancellationScope.nonCancellable(() => record.failRemoval({ ...task, error }));
    if (wasCanceled(err)) throw err;
    throw ApplicationFailure.nonRetryable(message, type);
  }
}

/** A manager that stops answering just now does not keep the host. */
async function leave(task: RemoveHostInput, swarm: { readonly nodeId: string; readonly queue: string }): Promise<void> {
  try {
    await lookAt(swarm.queue, 'take its node out of the swarm').leaveSwarm({ ...task, nodeId: swarm.nodeId });
  } catch (err) {
    if (wasCanceled(err)) throw err;
  }
}
