import { HandedOn } from './handed-on.ts';
import { judge, type Doing, type Failure } from './failures.ts';
import { PeerForked } from './timeline.ts';
import { OwnConnectionLost, ReadAgain, type ApplierPort } from './port.ts';
import { ShortWaits } from './waiting.ts';
import { Signal } from '../waiting/index.ts';
import type { Link } from './link.ts';
import type { PeerReport } from './peer-report.ts';
import { laterLsn, type Lsn, type SourceEvent, type StreamState } from '../source/postgres/index.ts';

export interface PeerStreamOptions {
  readonly report: PeerReport;
  readonly applier: ApplierPort;
  /** After this long a peer that only a person can help is tried again. */
  readonly stoppedMs: number;
  /** Opens the stream at the position up to which it is applied. What it opens ends with the signal. */
  readonly open: (signal: AbortSignal) => Promise<Link>;
  readonly skipped: () => Promise<ReadonlySet<Lsn>>;
  /** Looks at the peer while the stream runs; throws when the peer does not answer. */
  readonly look: (link: Link, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads one peer as long as its own primary is there: opens, hands on, and after any failure opens again. What fails of one peer touches no
 * other.
 */
export class PeerStream {
  readonly #options: PeerStreamOptions;
  readonly #waits = new ShortWaits();
  readonly #pause = new Signal();
  #link: Link | undefined;
  #handedOn = new HandedOn(new Set());
  #doing: Doing = 'reading';

  constructor(options: PeerStreamOptions) {
    this.#options = options;
  }

  /** Until the signal is aborted. Throws `OwnConnectionLost` and `PeerForked`: then everything has to be opened again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const attempt = new AbortController();
      const together = AbortSignal.any([signal, attempt.signal]);
      const failure = await this.#attempt(attempt, together).catch((err: unknown) => this.#failed(err, signal));
      attempt.abort();
      this.#link = undefined;
      await this.#pause.next(failure?.stops ? this.#options.stoppedMs : this.#waits.next(), signal);
    }
  }

  get state(): StreamState | undefined {
    return this.#link?.stream.state;
  }

  /** Tells the peer that everything of it up to here is safe on this node. */
  confirm(safe: Lsn): void {
    const { stream } = this.#link ?? {};
    if (!stream) return;
    const { confirmedLsn, deliveredLsn } = stream.state;
    if (safe > confirmedLsn && safe <= deliveredLsn) stream.confirm(safe);
    const { report } = this.#options;
    report.confirmedLsn = stream.state.confirmedLsn;
    report.safeWrite = laterLsn(report.safeWrite, this.#handedOn.lastWritten(safe));
  }

  async #attempt(attempt: AbortController, signal: AbortSignal): Promise<undefined> {
    const { report, open, skipped, look } = this.#options;
    this.#doing = 'reading';
    report.connecting();
    this.#handedOn = new HandedOn(await skipped());
    const link = await open(signal);
    this.#link = link;
    report.streaming();
    // Whoever looks finds out that the peer is silent; the stream ends with it.
    const looking = look(link, signal).catch(() => attempt.abort());
    await this.#pump(link);
    attempt.abort();
    await looking;
    return undefined;
  }

  /** One turn after the other: while the applier does not want more, nothing is read, and the peer waits. */
  async #pump({ stream }: Link): Promise<void> {
    for await (const events of stream) {
      this.#doing = 'applying';
      await this.#take(this.#handedOn.pass(events));
      this.#doing = 'reading';
    }
  }

  async #take(events: readonly SourceEvent[]): Promise<void> {
    const { applier, report } = this.#options;
    const { number } = report.peer;
    await applier.take(number, events);
    this.#waits.reset();
    if (this.#stoppedIsApplied(applier.committed(number))) report.applied();
  }

  /** That something was taken says nothing yet: what it is stopped at may be in it. */
  #stoppedIsApplied(committed: Lsn): boolean {
    const { stoppedAt } = this.#options.report;
    return stoppedAt === undefined || committed > stoppedAt;
  }

  #failed(err: unknown, signal: AbortSignal): Failure | undefined {
    if (err instanceof OwnConnectionLost || err instanceof PeerForked) throw err;
    if (signal.aborted || err instanceof ReadAgain) return undefined;
    const { report, applier } = this.#options;
    const failure = judge(err, this.#doing);
    report.failed(failure, this.#handedOn.firstAfter(applier.committed(report.peer.number)));
    return failure;
  }
}
