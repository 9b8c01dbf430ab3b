import { ApplicationFailure, Context } from '@temporalio/activity';
import type { EntityRef } from '@windlass/resources/engine';
import type { Kv } from '@windlass/resources/store';
import { around, type Activity } from './around.ts';
import { appendHostTaskLog, appendTaskLog } from './task-log.ts';

/** After so many attempts every tenth is told: what waits for a host may be tried for hours. */
const ALL_TOLD = 20;

/** Why an activity failed, in words for users; what is not meant for them is in the worker's log. */
export const reasonOf = (err: unknown): string => (err instanceof ApplicationFailure ? err.message : 'internal error');

/** ` (attempt 2 of 20, tried again)` when Temporal tries the running activity again after this error; else empty. */
export function retryNote(err: unknown): string {
  const { info, cancellationSignal } = Context.current();
  const { maximumAttempts: most = Infinity, nonRetryableErrorTypes: final = [] } = info.retryPolicy ?? {};
  if (cancellationSignal.aborted || info.attempt >= (most === 0 ? Infinity : most)) return '';
  if (err instanceof ApplicationFailure && (err.nonRetryable || final.includes(err.type ?? ''))) return '';
  return ofMost(info.attempt);
}

/** ` (attempt 2 of 20, tried again)` of the running activity. */
export function ofMost(attempt: number): string {
  const most = Context.current().info.retryPolicy?.maximumAttempts ?? Infinity;
  return ` (attempt ${String(attempt)}${Number.isFinite(most) && most > 0 ? ` of ${String(most)}` : ''}, tried again)`;
}

/** The same activities; whenever one is tried again, the log of its task says why, and for which time. */
export const tellRetries = <A extends Readonly<Record<string, Activity>>>(kv: Kv, activities: A): A =>
  around(activities, (name, run) => (name in OWN_WORDS ? run : telling(kv, name, run)));

/** Steps of a plan tell it themselves, by the name of their resource. */
const OWN_WORDS = { applyStep: true } as const;

const telling =
  (kv: Kv, name: string, run: Activity): Activity =>
  async (input) => {
    try {
      return await run(input);
    } catch (err) {
      await tell(kv, name, input, err).catch(() => undefined); // etcd may be what is away
      throw err;
    }
  };

/** Which task an activity is for, where it is for one. */
export interface OfTask {
  readonly entity?: EntityRef;
  readonly hostId?: unknown;
  readonly taskId?: unknown;
}

async function tell(kv: Kv, name: string, input: OfTask | undefined, err: unknown): Promise<void> {
  const note = retryNote(err);
  if (note === '') return;
  const say = sayOf(kv, input, Context.current().info.attempt);
  await say?.(`${failedIn(name)}: ${reasonOf(err)}${note}`, reasonOf(err));
}

/** Writes into a log how an attempt ended. */
type Say = (message: string, error: string) => Promise<void>;

/** Says how an attempt ended in the log of the task that the activity is for; undefined where there is nothing to say. */
export function sayOf(kv: Kv, input: OfTask | undefined, attempt: number): Say | undefined {
  const { entity, hostId, taskId } = input ?? {};
  if (typeof taskId !== 'string' || (attempt > ALL_TOLD && attempt % 10 !== 0)) return undefined;
  const fields = { attempt, success: false };
  if (entity) return (message, error) => appendTaskLog(kv, { entity, taskId }, message, { ...fields, error });
  if (typeof hostId !== 'string') return undefined;
  return (message, error) => appendHostTaskLog(kv, { hostId, taskId }, message, { ...fields, error });
}

/** Of `planChange`: `error in 'plan change'`. */
export const failedIn = (name: string): string =>
  `error in '${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}'`;
