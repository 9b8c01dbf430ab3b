import { DomainError } from '@windlass/resources/errors';
import { TooMuch } from '../core/too-much.ts';

const WINDOW_MS = 60_000;
const FAILURES_ALLOWED = 10;
/** So many addresses are remembered; the oldest are forgotten first. */
const REMEMBERED = 10_000;

/** Counts refused tokens by address: more than ten within a minute, and an address is heard again only after that minute. */
export class Attempts {
  readonly #failures = new Map<string, { readonly since: number; readonly count: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Runs the work unless the address failed too often: `too_many_attempts`. */
  async guard<T>(address: string, work: () => Promise<T>): Promise<T> {
    const before = this.#current(address);
    if (before.count >= FAILURES_ALLOWED)
      throw new TooMuch('too_many_attempts', 'too many refused attempts from this address; try again in a minute', 60);
    try {
      return await work();
    } catch (err) {
      if (err instanceof DomainError && err.code === 'invalid_join_token') this.#fail(address);
      throw err;
    }
  }

  #current(address: string): { readonly since: number; readonly count: number } {
    const now = this.#now().getTime();
    const found = this.#failures.get(address);
    return found && now - found.since < WINDOW_MS ? found : { since: now, count: 0 };
  }

  #fail(address: string): void {
    const { since, count } = this.#current(address);
    this.#failures.delete(address);
    this.#failures.set(address, { since, count: count + 1 });
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}
