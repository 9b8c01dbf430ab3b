import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure, Context } from '@temporalio/activity';
import { around, type Activity } from './around.ts';
import { withHeartbeat } from './current-run.ts';

/** What was canceled has this long to clean up behind itself. Then it is given up: nobody waits for it, and it can record nothing. */
const CLEANS_UP_MS = 500;

/** Called before the work of an activity; tests have it hang there. Production has none. */
export type ActivityHook = (name: string, input: unknown, signal: AbortSignal) => Promise<void>;

/** The activities, each of which ends soon after it is canceled, and then as canceled. */
export const heedCancel = <A extends Readonly<Record<string, Activity>>>(activities: A, hook?: ActivityHook): A =>
  around(
    activities,
    (name, activity) => (input) =>
      untilCanceled(async () => {
        const { cancellationSignal: signal } = Context.current();
        if (hook) await withHeartbeat(() => hook(name, input, signal));
        signal.throwIfAborted();
        return activity(input);
      }),
  );

/**
 * Does the work of the current activity. What is canceled is canceled: an aborted signal wins over whatever a client says of a
 * connection or a container that was taken away under it, and over work that does not end.
 */
export async function untilCanceled<T>(work: () => Promise<T>): Promise<T> {
  const { cancellationSignal: signal } = Context.current();
  const ended = new AbortController();
  const done = work();
  done.catch(() => undefined); // when it was given up
  try {
    return await Promise.race([done, givenUp(signal, ended.signal)]);
  } catch (err) {
    throw signal.aborted ? asCanceled(signal, err) : err;
  } finally {
    ended.abort();
  }
}

/** Rejects when the time to clean up is over; never resolves. */
async function givenUp(canceled: AbortSignal, ended: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    if (canceled.aborted) resolve();
    else canceled.addEventListener('abort', () => resolve(), { once: true, signal: ended });
  });
  await sleep(CLEANS_UP_MS, undefined, { signal: ended });
  throw canceled.reason;
}

/** Temporal takes only its own failure for a cancel. */
function asCanceled({ reason }: AbortSignal, cause: unknown): CancelledFailure {
  if (reason instanceof CancelledFailure) return reason;
  return new CancelledFailure('the activity was canceled', [], cause instanceof Error ? cause : undefined);
}
