import { Assembler } from './assemble.ts';
import { Receiver, type ReceiverOptions } from './receiver.ts';
import type { CopyBoth } from './copy-both.ts';
import type { SourceEvent } from './events.ts';
import type { Frame } from './frames.ts';
import type { Lsn } from './lsn.ts';
import type { Progress } from './progress.ts';
import type { SpoolOptions } from './spool.ts';

export interface StreamOptions extends ReceiverOptions, SpoolOptions {
  /** Leaves out transactions that were themselves replicated. */
  readonly skipOrigins: boolean;
}

/** How far a stream is. */
export interface StreamState {
  /** The last byte that came. */
  readonly receivedLsn: Lsn;
  /** The end of the last event that was handed out. */
  readonly deliveredLsn: Lsn;
  /** Everything before it is safe, and the server has been or will be told so. */
  readonly confirmedLsn: Lsn;
  /** Received, not yet asked for. */
  readonly queuedBytes: number;
  /** On disk, of transactions that are not committed. */
  readonly spilledBytes: number;
}

/**
 * What a slot sends, as events in the order of commits. It is read by one loop; each turn gives what has arrived by then, and a big
 * transaction in parts. Whoever does not ask makes the server wait, which is told all the same that we live. The server forgets only
 * what `confirm` was told. Ends with an error when the connection does: open another session and begin where you are.
 */
export class ReplicationStream implements AsyncIterable<readonly SourceEvent[]> {
  readonly #progress: Progress;
  readonly #receiver: Receiver;
  readonly #assembler: Assembler;

  constructor(options: StreamOptions) {
    this.#progress = options.progress;
    this.#receiver = new Receiver(options);
    this.#assembler = new Assembler({ ...options, onSkipped: (endLsn) => this.#progress.pass(endLsn) });
  }

  get state(): StreamState {
    return {
      receivedLsn: this.#progress.received,
      deliveredLsn: this.#progress.delivered,
      confirmedLsn: this.#progress.confirmed,
      queuedBytes: this.#receiver.queue.bytes,
      spilledBytes: this.#assembler.spilledBytes,
    };
  }

  /** Resolves when the server has begun to send. */
  start(submit: (command: CopyBoth) => void): Promise<void> {
    return this.#receiver.start(submit);
  }

  /** Everything up to here is safe with the consumer: `positionOf` the last event. Throws `invalid_input` when it was not delivered. */
  confirm(lsn: Lsn): void {
    this.#progress.confirm(lsn);
  }

  /** Tells the server what is confirmed and ends the session, within a second or so. A running loop ends. */
  async close(): Promise<void> {
    await this.#receiver.close();
    await this.#assembler.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly SourceEvent[], void> {
    try {
      for (;;) {
        const frames = await this.#receiver.queue.take();
        if (frames.length === 0) return;
        yield* this.#events(frames);
      }
    } finally {
      await this.close();
    }
  }

  async *#events(frames: readonly Frame[]): AsyncGenerator<readonly SourceEvent[], void> {
    let out: SourceEvent[] = [];
    for (const frame of frames) {
      const before = out.length;
      const later = this.#take(frame, out);
      for (const event of out.slice(before)) this.#progress.deliver(event);
      if (!later) continue;
      if (out.length > 0) yield out;
      out = [];
      yield* this.#delivered(later);
    }
    if (out.length > 0) yield out;
  }

  /** A keepalive has its place in the order: everything that was sent before it has been handed out or has to be yet. */
  #take(frame: Frame, out: SourceEvent[]): AsyncIterable<readonly SourceEvent[]> | undefined {
    if (frame.kind === 'xlogData') return this.#assembler.take(frame.data, out);
    this.#progress.pass(frame.walEnd);
    return undefined;
  }

  async *#delivered(later: AsyncIterable<readonly SourceEvent[]>): AsyncGenerator<readonly SourceEvent[], void> {
    for await (const events of later) {
      for (const event of events) this.#progress.deliver(event);
      if (events.length > 0) yield events;
    }
  }
}
