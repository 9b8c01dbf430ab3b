import { ApplicationFailure, Context } from '@temporalio/activity';
import type { EntityRef } from '@windlass/resources/engine';
import { DomainError, toFailure } from '@windlass/resources/errors';
import type { Kv } from '@windlass/resources/store';
import { around, type Activity } from './around.ts';
import { appendHostTaskLog, appendTaskLog } from './task-log.ts';

/** After so many attempts every tenth is told: what waits for a host may be tried for hours. */
const ALL_TOLD = 20;

/** Why an activity failed, in words for users; what is not meant for them is in the worker's log. */
export const reasonOf = (err: unknown): string =>
  err instanceof DomainError || err instanceof ApplicationFailure ? err.message : 'internal error';

/** ` (attempt 2 of 20, tried again)` when Temporal tries the running activity again after this error; else empty. */
export function retryNote(err: unknown): string {
  const { info, cancellationSignal } = Context.current();
  const { maximumAttempts: most = Infinity, nonRetryableErrorTypes: final = [] } = info.retryPolicy ?? {};
  const failure = toFailure(err);
  if (cancellationSignal.aborted || info.attempt >= (most === 0 ? Infinity : most)) return '';
  if (failure instanceof ApplicationFailure && (failure.nonRetryable || final.includes(failure.type ?? ''))) return '';
  return ` (attempt ${String(info.attempt)}${Number.isFinite(most) && most > 0 ? ` of ${String(most)}` : ''}, tried again)`;
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

interface OfTask {
  readonly entity?: EntityRef;
  readonly hostId?: unknown;
  readonly taskId?: unknown;
}

async function tell(kv: Kv, name: string, input: OfTask | undefined, err: unknown): Promise<void> {
  const { attempt } = Context.current().info;
  const note = retryNote(err);
  if (note === '' || (attempt > ALL_TOLD && attempt % 10 !== 0)) return;
  const { entity, hostId, taskId } = input ?? {};
  const message = `error in '${wordsOf(name)}': ${reasonOf(err)}${note}`;
  const fields = { attempt, success: false, error: reasonOf(err) };
  if (typeof taskId !== 'string') return;
  if (entity) await appendTaskLog(kv, { entity, taskId }, message, fields);
  else if (typeof hostId === 'string') await appendHostTaskLog(kv, { hostId, taskId }, message, fields);
}

/** `planChange` is `plan change`. */
const wordsOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
