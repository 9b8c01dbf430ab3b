import { WorkflowFailedError } from '@temporalio/client';
import { TimeoutFailure } from '@temporalio/common';
import { DomainError, fromFailure, refusalOf } from '@windlass/resources/errors';

const DEADLINE_EXCEEDED = 4;

/** What Temporal's client throws as one error with one readable line that says what is wrong, and where. */
export function toDomainError(err: unknown, address: string): DomainError {
  const domain = fromFailure(err);
  if (domain) return domain;
  if (err instanceof WorkflowFailedError) {
    if (err.cause instanceof TimeoutFailure)
      return new DomainError('host_unreachable', 'the check did not end in time: no worker answers', { cause: err });
    return new DomainError('server_error', 'the check failed', { cause: err });
  }
  const refusal = refusalOf(err);
  if (refusal !== undefined)
    return new DomainError('temporal_refused', `Temporal at ${address} refuses: ${refusal}`, { cause: err });
  return new DomainError('temporal_unavailable', `Temporal at ${address} does not answer: ${reasonOf(err)}`, {
    cause: err,
  });
}

/** The innermost reason, which says what was refused. */
function reasonOf(err: unknown): string {
  let reason = 'unknown';
  for (let e: unknown = err; e instanceof Error; e = e.cause) {
    const { details, code } = e as { details?: unknown; code?: unknown };
    if (code === DEADLINE_EXCEEDED) return 'no answer in time';
    reason = typeof details === 'string' && details !== '' ? details : e.message;
  }
  const refused = /connect E[A-Z]+ [^\s]+/.exec(reason)?.[0].replace(/\.$/, '');
  return refused ?? (reason.split('\n')[0] ?? '').slice(0, 200);
}
