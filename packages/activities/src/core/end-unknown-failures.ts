import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { around, type Activity } from './around.ts';

/**
 * So many attempts are made of what fails with an error that nobody has given a name: it is no outage that is known, and
 * most of these are defects, which no attempt cures.
 */
const ATTEMPTS = 5;

/** The same activities; what they throw without saying whether it lasts ends after a few attempts, with its reason. */
export const endUnknownFailures = <A extends Readonly<Record<string, Activity>>>(activities: A): A =>
  around(activities, (_name, work) => async (input) => {
    try {
      return await work(input);
    } catch (err) {
      throw failureOf(err);
    }
  });

/** What Temporal is told of an error: whether it lasts, and of what nobody has given a name not for ever that it does not. */
export function failureOf(err: unknown): unknown {
  if (err instanceof DomainError) return toFailure(err);
  const { info, cancellationSignal } = Context.current();
  if (err instanceof ApplicationFailure || err instanceof CancelledFailure) return err;
  if (cancellationSignal.aborted || info.attempt < ATTEMPTS) return err;
  const said = err instanceof Error ? err.message : String(err);
  const line = (said.split('\n')[0] ?? '').slice(0, 200);
  return toFailure(new DomainError('server_error', `internal error: ${line}`, { cause: err }));
}
