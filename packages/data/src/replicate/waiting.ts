import { Signal } from '../waiting/index.ts';

/** How often things are done, in ms; tests are faster. */
export interface Timings {
  /** Peers hear from an idle node so often, and what is safe is confirmed. */
  readonly beat: number;
  /** A lost slot is to be seen within 5 s. */
  readonly look: number;
  /** Postgres keeps commit times for days at least. */
  readonly round: number;
  /** After this long a stream that only a person can help is tried again: what that person did should be enough. */
  readonly stopped: number;
}

export const TIMINGS: Timings = { beat: 1000, look: 2000, round: 60_000, stopped: 5000 };

/** After the first attempt, which is made at once, in ms. With the last one a peer that is back is found within a second. */
const WAITS = [0, 50, 100, 200, 400];

/** How long to wait before the next attempt: not at all the first time, never long, and from the beginning after a success. */
export class ShortWaits {
  #failures = 0;

  next(): number {
    const wait = WAITS[Math.min(this.#failures, WAITS.length - 1)] ?? 0;
    this.#failures += 1;
    return wait;
  }

  /** It worked: the next failure is the first one again. */
  reset(): void {
    this.#failures = 0;
  }
}

/** Does it again and again, one after the other, until the signal is aborted. Throws what `work` throws, unless it was aborted. */
export async function repeat(signal: AbortSignal, intervalMs: number, work: () => Promise<void>): Promise<void> {
  const over = new Signal();
  while (!signal.aborted) {
    await work().catch((err: unknown) => {
      if (!signal.aborted) throw err;
    });
    await over.next(intervalMs, signal);
  }
}
