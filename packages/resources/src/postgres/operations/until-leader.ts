import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';

export interface LeaderChange {
  readonly scope: string;
  /** Who is the leader before. */
  readonly except?: string | undefined;
  readonly withinMs: number;
}

/** Patroni drops a request when it does not reach the candidate at once; a member that was just woken may need longer. */
const ASK_AGAIN_MS = 1000;
/**
 * It asks the candidate itself. One that is slow to answer on a busy host, or has just come back, is none for a moment, although it
 * was found able when it was chosen. On two cores with a load of 25 that was seen to last more than 5 s.
 */
const NO_CANDIDATE = /no good candidates/;
const TIMES_WITHOUT = 10;

/**
 * Makes a request to Patroni and resolves with the new leader as soon as etcd tells of one, without waiting for the
 * answer. A refusal ends it at once; after a failure that may be over in a moment it asks again: the leader's key is the
 * truth until the time is up.
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
  const refused = askUntilRefused(request, all);
  try {
    return await Promise.race([dcs.waitForLeader(scope, all, except), refused]);
  } catch (err) {
    if (!limit.aborted || signal.aborted) throw err;
    throw new DomainError('operation_refused', `'${scope}' has no new primary after ${String(withinMs / 1000)} s`);
  } finally {
    done.abort();
  }
}

/** Rejects when Patroni refuses, else never ends. */
async function askUntilRefused(request: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<never> {
  for (let without = 0; ;) {
    try {
      await request(signal);
      return await never();
    } catch (err) {
      if (isRefusal(err) && !(NO_CANDIDATE.test(err.message) && (without += 1) < TIMES_WITHOUT))
        throw new DomainError('operation_refused', err.message, { cause: err });
      await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(never);
    }
  }
}

/** Patroni's 4xx: asking again changes nothing. */
function isRefusal(err: unknown): err is DomainError {
  const status = err instanceof DomainError ? err.details['status'] : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

const never = (): Promise<never> => new Promise(() => undefined);
