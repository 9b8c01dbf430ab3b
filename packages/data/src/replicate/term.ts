import { formatLsn, laterLsn } from '../source/postgres/index.ts';
import { Signal } from '../waiting/index.ts';
import type { ClockSample } from './clock-offset.ts';
import type { Conditions } from './conditions.ts';
import type { Link, LinkOptions } from './link.ts';
import type { Own } from './own-node.ts';
import type { OwnWatch } from './own-watch.ts';
import { lookAt } from './peer-look.ts';
import type { PeerReport } from './peer-report.ts';
import { statusOf } from './peer-status.ts';
import { PeerStream } from './peer-stream.ts';
import type { ApplierPort } from './port.ts';
import { judgeDdl } from './ddl-waits.ts';
import { doRound, obeyFloors, type Rounds } from './rounds.ts';
import type { OwnSlot } from './status.ts';
import { repeat, type Timings } from './waiting.ts';

export interface TermOptions {
  readonly me: number;
  readonly own: Own;
  readonly applier: ApplierPort;
  readonly rounds: Rounds;
  readonly reports: readonly PeerReport[];
  readonly conditions: Conditions;
  readonly watch: OwnWatch;
  readonly timings: Timings;
  readonly spillDirectory: string;
  readonly openLink: (options: LinkOptions) => Promise<Link>;
}

/** As long as one primary of the own node is there: the streams of all peers into one applier, and what goes beside them. */
export class Term {
  readonly own: Own;
  readonly applier: ApplierPort;
  readonly streams: ReadonlyMap<number, PeerStream>;
  slots: readonly OwnSlot[] = [];
  readonly #options: TermOptions;
  readonly #peers: readonly number[];
  #clock: ClockSample | undefined;
  #settled: Promise<unknown> = Promise.resolve();

  constructor(options: TermOptions) {
    this.#options = options;
    this.own = options.own;
    this.applier = options.applier;
    this.#peers = options.reports.map(({ peer }) => peer.number);
    this.streams = new Map(options.reports.map((report) => [report.peer.number, this.#stream(report)]));
  }

  /** Until the signal is aborted, or the own primary is gone, or progress has to be set back: then throws. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const together = AbortSignal.any([signal, ended.signal]);
    await this.#look();
    await this.#checkConfirmed();
    const { beat, look, round } = this.#options.timings;
    const loops: Promise<void>[] = [
      ...[...this.streams.values()].map((stream) => stream.run(together)),
      repeat(together, beat, () => this.#beat()),
      repeat(together, look, () => this.#look()),
      repeat(together, round, () => this.#round()),
      repeat(together, look, () => obeyFloors(this.#options.rounds, this.#options.conditions)),
    ];
    this.#settled = Promise.allSettled(loops);
    try {
      await Promise.race([Promise.all(loops), new Signal().next(undefined, signal)]);
    } finally {
      ended.abort();
    }
  }

  /** When nothing of it runs any more; what waits for the own primary does so until its sessions are ended. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  get clock(): ClockSample | undefined {
    return this.#clock;
  }

  #stream(report: PeerReport): PeerStream {
    const { number } = report.peer;
    const { own, applier, conditions, timings } = this.#options;
    return new PeerStream({
      ...{ report, applier, stoppedMs: timings.stopped },
      open: (signal) => this.#open(report, signal),
      skipped: () => own.skippedOf(number),
      look: (link, signal) => repeat(signal, timings.look, () => lookAt(link, report, this.#clock, conditions)),
    });
  }

  #open({ peer }: PeerReport, signal: AbortSignal): Promise<Link> {
    const { me, own, applier, spillDirectory, openLink } = this.#options;
    return openLink({
      ...{ me, peer, memory: own, spillDirectory, signal },
      progress: () => applier.progressOf(peer.number),
      safe: () => own.beat(),
    });
  }

  /** What was committed before the beat began is safe when it is over, and only that is confirmed to the peers. */
  async #beat(): Promise<void> {
    const { own, applier, reports } = this.#options;
    const before = reports.map(({ peer }) => applier.committed(peer.number));
    await own.beat();
    for (const [i, report] of reports.entries()) {
      report.safeLsn = laterLsn(report.safeLsn, before[i] ?? 0n);
      this.streams.get(report.peer.number)?.confirm(report.safeLsn);
    }
  }

  async #look(): Promise<void> {
    const { own, watch, reports, applier, conditions } = this.#options;
    this.#clock = await own.clock();
    this.slots = await own.slots(this.#peers);
    watch.judge(this.slots);
    await own.note(reports.map((report) => ({ status: statusOf(report, this), writtenLsn: report.writtenLsn })));
    for (const { peer } of reports) judgeDdl(peer.number, applier.appliedOf(peer.number), conditions);
  }

  /** A new primary that was not synchronous may lack what its predecessor had confirmed. Peers do not send it again. */
  async #checkConfirmed(): Promise<void> {
    const { own, applier, reports, conditions } = this.#options;
    for (const report of reports.filter(({ safeWrite }) => safeWrite > 0n)) {
      const { number, name } = report.peer;
      // Even the origin may be gone.
      const progress = (await own.hasOrigin(number)) ? await applier.progressOf(number) : 0n;
      if (progress < report.safeWrite) {
        const what = `what '${name}' wrote from ${formatLsn(progress)} to ${formatLsn(report.safeWrite)}`;
        conditions.set('lost_what_was_confirmed', `a failover of this node lost ${what}; compare the nodes`, number);
      }
      Object.assign(report, { safeLsn: progress, safeWrite: 0n });
    }
  }

  #round(): Promise<void> {
    const { rounds, applier, conditions } = this.#options;
    return doRound(rounds, applier, this.#peers, conditions);
  }
}
