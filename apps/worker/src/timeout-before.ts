import type { NativeConnection } from '@temporalio/worker';
import type { TimeoutBefore } from '@windlass/activities';

const ANSWERS_WITHIN_MS = 1000;
/** Temporal's numbers of the timeouts after which an activity is tried again. */
const NAMES: Readonly<Record<number, string>> = { 1: 'start-to-close timeout', 4: 'heartbeat timeout' };

/** Asks Temporal how the attempt before the running one ended. Throws what Temporal says when it does not answer. */
export const openTimeoutBefore =
  (connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>, namespace: string): TimeoutBefore =>
  async ({ workflowId, runId, activityId }) => {
    const asked = { namespace, execution: { workflowId, runId } };
    const { pendingActivities } = await connection.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      connection.workflowService.describeWorkflowExecution(asked),
    );
    const last = pendingActivities.find((activity) => activity.activityId === activityId)?.lastFailure;
    return NAMES[last?.timeoutFailureInfo?.timeoutType ?? 0];
  };
