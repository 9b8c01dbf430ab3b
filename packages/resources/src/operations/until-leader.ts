import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';

export interface LeaderChange {
  readonly scope: string;
  /** Who is the leader before. */
  readonly except?: string | undefined;
  readonly withinMs: number;
}

/**
 * Makes a request to Patroni and resolves with the new leader as soon as etcd tells of one, without waiting for the
 * answer. A refusal ends it at once; an answer that does not come, or one of Patroni's that tells of a failure that may
 * be over in a moment, is not waited for: the leader's key is the truth until the time is up.
 */
export async function untilLeader(
  { dcs }: Pick<Clients, 'dcs'>,
  { scope, except, withinMs }: LeaderChange,
  signal: AbortSignal,
  request: (signal: AbortSignal) => Promise<void>,
): Promise<string> {
  const done = new AbortController();
  const limit = AbortSignal.timeout(withinMs);
  const all = AbortSignal.any([signal, limit, done.signal]);
  const refused = request(all).then(never, (err: unknown) => {
    if (!isRefusal(err)) return never();
    throw new DomainError('operation_refused', err.message, { cause: err });
  });
  try {
    return await Promise.race([dcs.waitForLeader(scope, all, except), refused]);
  } catch (err) {
    if (!limit.aborted || signal.aborted) throw err;
    throw new DomainError('operation_refused', `'${scope}' has no new primary after ${String(withinMs / 1000)} s`);
  } finally {
    done.abort();
  }
}

/** Patroni's 4xx: asking again changes nothing. */
function isRefusal(err: unknown): err is DomainError {
  const status = err instanceof DomainError ? err.details['status'] : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

const never = (): Promise<never> => new Promise(() => undefined);
