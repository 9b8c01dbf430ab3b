import { ApplicationFailure, CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type { OwnedInput } from '@windlass/activities';
import { rootCause } from './apply-plan.ts';
import { saidOf } from './carry-through.ts';
import { recordFor } from './proxies.ts';
import { wasCanceled } from './was-canceled.ts';

/** A task, with whatever else activities of other releases know it by: it is passed on as a whole. */
export type TaskRef = OwnedInput;

/** The entity is another task's by now: that one will cancel this one, and a step of this one was quicker to notice. */
const TAKEN_OVER_FROM = 'stale_task';

/** Does the work of a task and records how it ended: cancelled and failed included. `more` says so as it is at the end. */
export async function asTask(
  task: TaskRef,
  work: () => Promise<void>,
  more: { readonly untouched?: boolean } = {},
): Promise<void> {
  const finish = (end: { outcome: 'completed' | 'failed' | 'canceled'; error?: string; note?: string }) =>
    CancellationScope.nonCancellable(() => record(end.outcome).finishTask({ ...task, ...end, ...more }));
  try {
    await work();
    await finish({ outcome: 'completed' });
  } catch (err) {
    const { message, type } = rootCause(err);
    const canceled = wasCanceled(err);
    const said = saidOf(err);
    const note = said === undefined ? {} : { note: said };
    await finish(
      canceled || type === TAKEN_OVER_FROM ? { outcome: 'canceled', ...note } : { outcome: 'failed', error: message },
    );
    if (canceled) throw new CancelledFailure('the task was canceled');
    throw ApplicationFailure.nonRetryable(message, type);
  }
}

const record = (outcome: string) => recordFor(`record that the task is ${outcome}`);
