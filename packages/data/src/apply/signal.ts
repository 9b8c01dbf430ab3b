/** Wakes everybody who waits, each time that something has changed. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves with the next `tell`. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
  }
}
