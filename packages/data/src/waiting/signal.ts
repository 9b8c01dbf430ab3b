/** Wakes everybody who waits, each time that something has changed. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  /** Resolves with the next `tell`, after so many ms, or when the other signal is aborted; never throws. */
  next(ms?: number, abort?: AbortSignal): Promise<void> {
    if (abort?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        abort?.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(end, ms);
      abort?.addEventListener('abort', end, { once: true });
      this.#waiting.add(end);
    });
  }

  tell(): void {
    for (const end of this.#waiting) end();
  }
}
