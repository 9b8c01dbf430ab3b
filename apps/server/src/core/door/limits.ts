import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TooMuch } from '../too-much.ts';

/** What one server takes; 0 means as much as comes. */
export interface Limits {
  /** Requests of one login in a minute. */
  readonly perLogin: number;
  /** Requests from one address in a minute, whoever sends them. Programs on the server's own machine are not counted. */
  readonly perAddress: number;
  /** Logins from one address that were no use, in a minute. */
  readonly refusedLogins: number;
  /** Requests that change something, at once. */
  readonly changesAtOnce: number;
  /** Requests that read the store, at once. */
  readonly readsAtOnce: number;
  /** Requests that wait for an answer of hosts, at once: they cost little, and last. */
  readonly asksAtOnce: number;
  /** Open streams of events. */
  readonly streams: number;
}

export const LIMITS: Limits = {
  perLogin: 3000,
  perAddress: 6000,
  refusedLogins: 600,
  changesAtOnce: 32,
  readsAtOnce: 32,
  asksAtOnce: 128,
  streams: 200,
};

const MINUTE_MS = 60_000;
type Counter = 'perLogin' | 'perAddress' | 'refusedLogins';
export type Count = (counter: Counter, request: FastifyRequest, look?: 'look') => Promise<void>;

const WORDS: Readonly<Record<Counter, (max: number) => string>> = {
  perLogin: (max) => `this login has sent more than ${String(max)} requests within a minute`,
  perAddress: (max) => `more than ${String(max)} requests came from this address within a minute`,
  refusedLogins: (max) => `more than ${String(max)} logins from this address were no use within a minute`,
};

/**
 * Counts by the minute, each server for itself. What is over the limit is refused before anything else is done for it, and does not put off
 * the end of the minute.
 */
export async function countByMinute(app: FastifyInstance, limits: Limits): Promise<Count> {
  await app.register(rateLimit, { global: false });
  /** By address, of IPv6 by its network of 64 bits, unless something else is said. */
  const make = (counter: Counter, more: { keyGenerator?: (request: FastifyRequest) => string } = {}) =>
    app.createRateLimit({ max: limits[counter], timeWindow: MINUTE_MS, ...more });
  const counters = {
    perLogin: make('perLogin', { keyGenerator: ({ actor }) => `${actor?.kind ?? ''} ${actor?.id ?? ''}` }),
    perAddress: make('perAddress'),
    refusedLogins: make('refusedLogins'),
  };
  return async (counter, request, look) => {
    const max = limits[counter];
    if (max === 0) return;
    const said = await counters[counter](request, { increment: look === undefined });
    if (said.isAllowed || !said.isExceeded) return;
    const code = counter === 'refusedLogins' ? 'too_many_attempts' : 'too_many_requests';
    throw new TooMuch(code, `${WORDS[counter](max)}; try again in ${String(said.ttlInSeconds)} s`, said.ttlInSeconds);
  };
}
