/** Wakes everybody who waits, each time that something has changed. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves with the next `tell`, or after so many ms. */
  next(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
  }
}
