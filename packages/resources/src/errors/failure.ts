import { ApplicationFailure } from '@temporalio/common';
import { DomainError, ERRORS, isErrorName } from '@windlass/error-table';

/**
 * `DomainError` → Temporal's `ApplicationFailure`; the name travels as the failure's type. An error that is known to last may
 * say in `details.retryInMs` when another attempt makes sense: the attempts then last as much longer.
 */
export function toFailure(err: unknown): unknown {
  if (!(err instanceof DomainError)) return err;
  const { retryInMs } = err.details;
  return ApplicationFailure.create({
    ...(typeof retryInMs === 'number' && { nextRetryDelay: retryInMs }),
    message: err.message,
    type: err.code,
    nonRetryable: !ERRORS[err.code].retryable,
    details: [err.details],
  });
}

/** Anything Temporal throws → `DomainError`, by walking the cause chain to the first known name. */
export function fromFailure(err: unknown): DomainError | undefined {
  for (let e: unknown = err; e instanceof Error; e = e.cause) {
    if (e instanceof DomainError) return e;
    if (e instanceof ApplicationFailure && isErrorName(e.type)) {
      return new DomainError(e.type, e.message, {
        details: (e.details?.[0] ?? {}) as Record<string, unknown>,
        cause: err,
      });
    }
  }
  return undefined;
}
