import type { Frame } from './frames.ts';

export interface FrameQueueOptions {
  /** How many bytes may wait before the server is made to wait. */
  readonly limitBytes: number;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** What was received and not yet asked for. Beyond a limit the socket is not read any more, and the server waits: that is the back-pressure. */
export class FrameQueue {
  readonly #options: FrameQueueOptions;
  #frames: Frame[] = [];
  #bytes = 0;
  #isPaused = false;
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += frame.kind === 'xlogData' ? frame.data.length : 0;
    if (this.#bytes > this.#options.limitBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#options.pause();
    }
    this.#wake?.();
  }

  /** Nothing more comes. What is there is still given; then the error, when there is one. Only the first end counts. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake?.();
  }

  /** All that has come, in order; waits when there is nothing. Nothing at all: it is over. */
  async take(): Promise<readonly Frame[]> {
    while (this.#frames.length === 0 && !this.#end) await this.#pushed();
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    if (this.#isPaused) this.#options.resume();
    this.#isPaused = false;
    if (frames.length === 0 && this.#end?.error) throw this.#end.error;
    return frames;
  }

  async #pushed(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
  }
}
