import type { FastifyReply, FastifyRequest } from 'fastify';
import { TooMuch } from '../too-much.ts';
import type { Limits } from './limits.ts';

/** What was going on is over by then, in s. */
const SOON_S = 1;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answer goes on until somebody ends it. */
    readonly endless?: true;
    /** It may wait for hosts. */
    readonly asksHosts?: boolean;
  }
}

/** What is going on at once, and how much of it may. */
class AtOnce {
  readonly #most: number;
  readonly #what: string;
  #now = 0;

  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** One more begins; gives what ends it. Throws `overloaded`. */
  begin(): () => void {
    if (this.#most > 0 && this.#now >= this.#most)
      throw new TooMuch('overloaded', `${String(this.#most)} ${this.#what}; try again in a moment`, SOON_S);
    this.#now += 1;
    return () => void (this.#now -= 1);
  }
}

/** Lets a request begin, until its answer is sent or its client gone; throws `overloaded` where too much goes on. */
export function limitAtOnce(limits: Limits): (request: FastifyRequest, reply: FastifyReply) => void {
  const streams = new AtOnce(limits.streams, 'streams of events are open, and more are not served');
  const reads = new AtOnce(limits.readsAtOnce, 'requests are being answered, and more are not taken at once');
  const asks = new AtOnce(limits.asksAtOnce, 'requests wait for hosts, and more are not taken at once');
  const changes = new AtOnce(limits.changesAtOnce, 'changes are being accepted, and more are not taken at once');
  return ({ method, routeOptions }, { raw }) => {
    const safe = method === 'GET' || method === 'HEAD';
    const { endless, asksHosts } = routeOptions.config;
    const sort = endless ? streams : asksHosts ? asks : safe ? reads : changes;
    raw.once('close', sort.begin());
  };
}
