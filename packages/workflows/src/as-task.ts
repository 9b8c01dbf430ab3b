import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { rootCause } from './apply-plan.ts';
import { controlFor } from './proxies.ts';

export interface TaskRef {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Does the work of a task and records how it ended: cancelled and failed included. `more` says so as it is at the end. */
export async function asTask(
  { databaseId, taskId }: TaskRef,
  work: () => Promise<void>,
  more: { readonly untouched?: boolean } = {},
): Promise<void> {
  const finish = (end: { outcome: 'completed' | 'failed' | 'canceled'; error?: string }) =>
    CancellationScope.nonCancellable(() => record(end.outcome).finishTask({ databaseId, taskId, ...end, ...more }));
  try {
    await work();
    await finish({ outcome: 'completed' });
  } catch (err) {
    const { message, type } = rootCause(err);
    await finish(isCancellation(err) ? { outcome: 'canceled' } : { outcome: 'failed', error: message });
    if (isCancellation(err)) throw err;
    throw ApplicationFailure.nonRetryable(message, type);
  }
}

const record = (outcome: string) => controlFor(`record that the task is ${outcome}`);
