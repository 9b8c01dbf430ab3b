/**
 * Writes the row that tells peers the time of an idle node. Its commit waits for the disk and for synchronous standbys: what was
 * committed here before a beat began is safe when it is over, also what an applier committed without waiting.
 */
export class Heartbeat {
  readonly #write: () => Promise<unknown>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(write: () => Promise<unknown>) {
    this.#write = write;
  }

  /** Resolves when one has been written that began after this was called. Throws when the connection is lost. */
  beat(): Promise<void> {
    if (!this.#running) return (this.#running = this.#run());
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async #after(before: Promise<void>): Promise<void> {
    await before;
    this.#next = undefined;
    this.#running = this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#write();
    } finally {
      this.#running = undefined;
    }
  }
}
