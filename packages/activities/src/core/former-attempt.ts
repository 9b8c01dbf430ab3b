import { Context } from '@temporalio/activity';
import type { Step } from '@windlass/resources/engine';
import type { Kv } from '@windlass/resources/store';
import { around, type Activity } from './around.ts';
import { doing } from './apply-step.ts';
import { withHeartbeat } from './current-run.ts';
import { failedIn, ofMost, sayOf, type OfTask } from './retries.ts';

/** The activity that runs, and the workflow that asked for it. */
export interface RunningActivity {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}
/** What ran out for an attempt that nobody answered for, such as `heartbeat timeout`; nothing for one that failed. */
export type TimeoutBefore = (activity: RunningActivity) => Promise<string | undefined>;

/**
 * The same activities. An attempt whose worker died, or stood still, cannot say so: the one after it does, in the log of the
 * task.
 */
export const tellSilence = <A extends Readonly<Record<string, Activity>>>(
  kv: Kv,
  timeoutBefore: TimeoutBefore,
  activities: A,
): A =>
  around(activities, (name, run) => async (input) => {
    if (Context.current().info.attempt > 1)
      await withHeartbeat(() => tell(kv, timeoutBefore, name, input)).catch(() => undefined); // it is only told
    return run(input);
  });

async function tell(
  kv: Kv,
  timeoutBefore: TimeoutBefore,
  name: string,
  input: (OfTask & { readonly step?: Step }) | undefined,
) {
  const { attempt, activityId, workflowExecution } = Context.current().info;
  const say = sayOf(kv, input, attempt - 1);
  const timeout = say && workflowExecution && (await timeoutBefore({ ...workflowExecution, activityId }));
  if (timeout === undefined) return;
  const error = `its worker gave no answer (${timeout})`;
  const what = input?.step ? `error while ${doing(input.step)}` : failedIn(name);
  await say?.(`${what}: ${error}${ofMost(attempt - 1)}`, error);
}
