import { endedSentence, hasEnded, type LeafTimes } from './lifetime.ts';

/** The certificates a process looks after, and when they end. */
export class LeafBook {
  readonly #known = new Map<string, () => LeafTimes | undefined>();

  /** `whose`: as in `the certificate of host-1 for etcd`. `undefined`: there is none. */
  note(whose: string, times: () => LeafTimes | undefined): void {
    this.#known.set(whose, times);
  }

  /** What is looked after no more. */
  forget(whose: string): void {
    this.#known.delete(whose);
  }

  /** When each ends, by whose it is. */
  ends(): Record<string, string> {
    return Object.fromEntries(this.#all().map(([whose, { ends }]) => [whose, ends.toISOString()]));
  }

  /** A sentence for each that has ended. */
  ended(now = Date.now()): string[] {
    return this.#all().flatMap(([whose, times]) => (hasEnded(times, now) ? [endedSentence(whose, times.ends)] : []));
  }

  /** Those there are. */
  leaves(): LeafTimes[] {
    return this.#all().map(([, times]) => times);
  }

  #all(): (readonly [whose: string, times: LeafTimes])[] {
    return [...this.#known].flatMap(([whose, look]) => {
      const times = look();
      return times ? [[whose, times] as const] : [];
    });
  }
}
