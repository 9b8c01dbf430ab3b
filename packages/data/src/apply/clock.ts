import { CLOCK_LIMITS, clockWait } from '../converge/index.ts';
import { toUnixMs, type Timestamp } from '../source/postgres/index.ts';
import type { Step } from './exchange.ts';
import type { Side } from './side.ts';

/** Microseconds since 1970. */
export const microseconds = (time: Timestamp): number =>
  toUnixMs(time) * 1000 + Number(((time % 1000n) + 1000n) % 1000n);

/** Commit times this much behind the estimated clock need no look at it, in microseconds: what an estimate may be off by. */
const SURE = 1_000_000;
/** How long an estimate counts, in ms. */
const KEEP_MS = 10_000;
/** Waits until the clock of the database is past a commit time; equal is not past. */
const WAIT = `SELECT pg_catalog.pg_sleep(greatest(0, extract(epoch FROM $1::timestamptz - pg_catalog.clock_timestamp())::float8 + 0.000001))
  WHERE pg_catalog.clock_timestamp() <= $1::timestamptz`;

export interface Wait {
  /** What has to come before the transaction; none when its time is long past. */
  readonly steps: readonly Step[];
  readonly waits: boolean;
  readonly refuse: boolean;
  /** How far ahead of this node's clock it is, in microseconds. */
  readonly ahead: number;
}

/** How often an estimate is looked at again because of a commit time ahead of it, in ms. */
const AHEAD_MS = 1000;

/** The clock of the own database, not that of this process. Microseconds since 1970. */
export class Clock {
  readonly #side: Side;
  #offset: number | undefined;
  #measured = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  /** What a transaction with this commit time, also as Postgres reads it, has to wait for. */
  async before(time: number, text: string): Promise<Wait> {
    if (this.#offset === undefined || performance.now() - this.#measured > KEEP_MS) await this.#measure();
    if (time < this.#now() - SURE) return { steps: [], waits: false, refuse: false, ahead: time - this.#now() };
    if (time - this.#now() > CLOCK_LIMITS.alarmAbove / 2) await this.#measure();
    const now = this.#now();
    const { wait, refuse } = clockWait(time, now, CLOCK_LIMITS);
    return { steps: [{ text: WAIT, values: [text] }], waits: wait > 1, refuse, ahead: time - now };
  }

  /**
   * For how long a transaction with this commit time is not worth giving to the server, in ms: others need not wait for it. 0 also where it would be waited
   * for in vain.
   */
  async hold(time: number): Promise<number> {
    const age = performance.now() - this.#measured;
    if (this.#offset === undefined || age > KEEP_MS || (time > this.#now() && age > AHEAD_MS)) await this.#measure();
    const { wait, refuse } = clockWait(time, this.#now(), CLOCK_LIMITS);
    return refuse || wait <= 1 ? 0 : wait / 1000;
  }

  #now(): number {
    return performance.now() * 1000 + (this.#offset ?? 0);
  }

  async #measure(): Promise<void> {
    const [told] = await this.#side.rows<{ now: string }>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS now`,
    );
    this.#measured = performance.now();
    this.#offset = Number(told?.now) - this.#measured * 1000;
  }
}
