import { DomainError, ERRORS } from '@windlass/error-table';
import type { ConditionType } from './status.ts';

/** What to do about a failure of one peer's stream. */
export interface Failure {
  readonly condition: ConditionType;
  /** What happened, in words: no row, no secret. */
  readonly message: string;
  /** Only a person can help. It is tried again all the same, but not at once: what the person does should be enough. */
  readonly stops: boolean;
}

/** Where the failure came from: reaching and reading the peer, or applying what it sent. */
export type Doing = 'reading' | 'applying';

/** Everything that ends by itself is waited for; the rest is said. */
export function judge(err: unknown, doing: Doing): Failure {
  const message = err instanceof Error ? err.message : String(err);
  if (!(err instanceof DomainError)) return { condition: byPlace(doing), message, stops: doing === 'applying' };
  if (err.code === 'slot_lost') return { condition: 'must_be_rebuilt', message, stops: true };
  if (err.code === 'connection_failed') return ofConnection(err);
  if (err.code === 'slot_in_use' || err.code === 'no_primary')
    return { condition: 'peer_unreachable', message, stops: false };
  if (doing === 'applying') return { condition: 'apply_stopped', message, stops: !ERRORS[err.code].retryable };
  return { condition: 'peer_refuses', message, stops: !ERRORS[err.code].retryable };
}

const byPlace = (doing: Doing): ConditionType => (doing === 'applying' ? 'apply_stopped' : 'peer_unreachable');

/** A password or a certificate does not mend itself; a host, a name and a network do. */
function ofConnection(err: DomainError): Failure {
  const { reason } = err.details;
  const isRefused = reason === 'auth' || reason === 'tls';
  return { condition: isRefused ? 'peer_refuses' : 'peer_unreachable', message: err.message, stops: isRefused };
}
