import { encodeStandbyStatus, type Keepalive } from './frames.ts';
import { toTimestamp } from './timestamp.ts';
import type { Progress } from './progress.ts';

export interface StatusOptions {
  readonly progress: Progress;
  readonly send: (bytes: Buffer) => void;
  /** How often the server is told, in ms. Must be well below its `wal_sender_timeout`. */
  readonly intervalMs: number;
  /** For how long the server may say nothing, in ms; half way it is asked. 0: for ever. */
  readonly silenceMs: number;
  /** Whether nothing is read on purpose: then silence says nothing. */
  readonly isPaused: () => boolean;
  readonly onSilent: () => void;
  /** A clock that never goes back, in ms. */
  readonly now?: () => number;
}

/**
 * Tells the server how far we are: by a timer, and at once when a keepalive asks. Neither waits for the consumer, so that a slow one
 * does not cost the session; and neither claims more than what was confirmed.
 */
export class StatusTimer {
  readonly #options: StatusOptions;
  readonly #now: () => number;
  #heardAt: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#heardAt = this.#now();
  }

  start(): void {
    this.#heardAt = this.#now();
    this.#timer = setInterval(() => this.tick(), this.#options.intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Something came from the server. */
  heard(): void {
    this.#heardAt = this.#now();
  }

  keepalive(frame: Keepalive): void {
    if (frame.replyRequested) this.tell();
  }

  /** One beat of the timer. */
  tick(): void {
    const { silenceMs, isPaused, onSilent } = this.#options;
    if (isPaused() || silenceMs === 0) this.heard();
    const silent = this.#now() - this.#heardAt;
    if (silenceMs > 0 && silent >= silenceMs) return onSilent();
    this.tell(silenceMs > 0 && silent >= silenceMs / 2);
  }

  /** `ask`: the server is to answer at once. */
  tell(ask = false): void {
    const { progress, send } = this.#options;
    const { received, confirmed } = progress;
    const clock = toTimestamp(Date.now());
    send(
      encodeStandbyStatus({ written: received, flushed: confirmed, applied: confirmed, clock, replyRequested: ask }),
    );
  }
}
