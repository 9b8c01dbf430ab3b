import { CopyBoth } from './copy-both.ts';
import { FrameQueue } from './frame-queue.ts';
import { decodeFrame, type Frame } from './frames.ts';
import { connectionFailed, toSourceError } from './source-errors.ts';
import { StatusTimer } from './status.ts';
import type { Progress } from './progress.ts';

export interface ReceiverOptions {
  /** START_REPLICATION with all that belongs to it. */
  readonly text: string;
  readonly progress: Progress;
  readonly queueBytes: number;
  readonly statusIntervalMs: number;
  readonly silenceMs: number;
  /** Ends the connection at once. */
  readonly destroy: () => void;
}

/** For how long a server may take to end a stream in order, in ms; it does not in the middle of a transaction. */
const CLOSE_MS = 1000;

/** The side of a stream that looks at the connection: takes what comes, answers keepalives, makes the server wait. */
export class Receiver {
  readonly queue: FrameQueue;
  readonly #options: ReceiverOptions;
  readonly #copy: CopyBoth;
  readonly #status: StatusTimer;
  #onStart: ((error?: Error) => void) | undefined;
  #onOver: (() => void) | undefined;
  #isOver = false;
  #isClosing = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#copy = new CopyBoth(options.text, {
      onStart: () => this.#started(),
      onData: (bytes) => this.#take(bytes),
      onEnd: (error) => this.#end(error),
    });
    const { progress, queueBytes, statusIntervalMs: intervalMs, silenceMs } = options;
    const queue = new FrameQueue({
      limitBytes: queueBytes,
      pause: () => this.#copy.pause(),
      resume: () => this.#copy.resume(),
    });
    this.queue = queue;
    this.#status = new StatusTimer({
      ...{ progress, intervalMs, silenceMs, isPaused: () => queue.isPaused },
      send: (bytes) => this.#copy.send(bytes),
      onSilent: () => this.#fail(connectionFailed('timeout')),
    });
  }

  /** `submit` gives the command to the connection. Resolves when the server has begun, throws when it refuses. */
  async start(submit: (command: CopyBoth) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#onStart = (error) => (error ? reject(error) : resolve());
      submit(this.#copy);
    });
    this.#onStart = undefined;
  }

  /** Tells the server the last position, and ends the stream: in order where the server is ready for it, else by force. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (!this.#isOver) await this.#sayGoodbye();
    this.#end();
    this.#options.destroy();
  }

  async #sayGoodbye(): Promise<void> {
    this.#status.tell();
    this.#copy.end();
    this.#copy.resume();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      this.#onOver = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #started(): void {
    this.#status.start();
    this.#onStart?.();
  }

  /** Runs inside of the socket's event: nobody would catch what it throws. */
  #take(bytes: Buffer): void {
    if (this.#isClosing || this.#isOver) return;
    try {
      this.#status.heard();
      this.#accept(decodeFrame(bytes));
    } catch (err) {
      this.#fail(err);
    }
  }

  #accept(frame: Frame): void {
    if (frame.kind === 'keepalive') {
      this.#status.keepalive(frame);
      this.queue.push(frame);
    } else {
      this.#options.progress.receive(frame.walStart);
      this.queue.push({ ...frame, data: Buffer.from(frame.data) });
    }
  }

  #fail(err: unknown): void {
    this.#end(toSourceError(err, 'stream'));
    this.#options.destroy();
  }

  /** The server does not end a stream by itself but when it shuts down. */
  #end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#status.stop();
    this.#onStart?.(error ?? connectionFailed('closed'));
    this.queue.end(this.#isClosing ? undefined : toSourceError(error ?? connectionFailed('closed'), 'stream'));
    this.#onOver?.();
  }
}
