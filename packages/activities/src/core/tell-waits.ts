/** What lasts longer is told in the log of the task, where people look; a note that goes on changing tells of progress. */
const LONG_MS = 5000;
/** So many reasons of one activity are told. */
const AT_MOST = 8;

export type Tell = (note: string) => Promise<void>;

/** Tells what is waited for once it has lasted for some seconds: each reason once, however often it comes back. */
export class WaitTeller {
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #told = new Set<string>();
  #note = '';
  #since: number;

  constructor(tell: Tell, now = (): number => performance.now()) {
    this.#tell = tell;
    this.#now = now;
    this.#since = now();
  }

  note(text: string): void {
    if (text === this.#note) return;
    this.#note = text;
    this.#since = this.#now();
  }

  /** To be called now and then. */
  look(): void {
    if (this.#now() - this.#since < LONG_MS || this.#told.has(this.#note) || this.#told.size === AT_MOST) return;
    this.#told.add(this.#note);
    void this.#tell(this.#note).catch(() => undefined); // it is only told
  }
}
