import { tmpdir } from 'node:os';
import { DomainError } from '@windlass/error-table';
import { Signal } from '../waiting/index.ts';
import { Conditions } from './conditions.ts';
import { AnotherReplicator } from './own-session.ts';
import { OwnWatch } from './own-watch.ts';
import { partsOf, type OpenedOwn, type Parts, type Whereabouts } from './parts.ts';
import { inside } from './inside.ts';
import { PeerReport } from './peer-report.ts';
import { statusOf } from './peer-status.ts';
import { PeerForked } from './timeline.ts';
import { Term } from './term.ts';
import { ShortWaits } from './waiting.ts';
import type { Condition, ConditionType, ReplicatorStatus } from './status.ts';

export interface ReplicatorOptions extends Whereabouts {
  /** A folder for what is spilled: the system's for temporary files. */
  readonly spillDirectory?: string;
  /** A condition begins to hold, says something else, or ends. */
  readonly onCondition?: (condition: Condition, holds: boolean) => void;
  /** Tests put others in their place. */
  readonly parts?: Parts;
}

/** Of the own node one of them holds at most: the one that was found last. */
const OF_OWN: readonly ConditionType[] = ['own_unreachable', 'own_not_ready', 'another_replicator'];
/** For how long an applier may finish what is in hand when it is told to stop, in ms. What it does not finish is sent again. */
const FINISH_MS = 700;
/** After this long an own primary that only a person can help is tried again, in ms. */
const NOT_READY_MS = 2000;

/**
 * Keeps one node equal to its peers: reads what each of them writes, and applies it to the own primary, whichever host has that. It keeps
 * nothing that is not in the database: it may be killed anywhere, and begins where the database is.
 */
export class Replicator {
  readonly #options: ReplicatorOptions;
  readonly #parts: Parts;
  readonly #conditions: Conditions;
  readonly #watch: OwnWatch;
  readonly #reports: readonly PeerReport[];
  readonly #stopping = new AbortController();
  readonly #killed = new AbortController();
  readonly #waits = new ShortWaits();
  readonly #pause = new Signal();
  #conflictsBefore = 0;
  #term: Term | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReplicatorOptions) {
    this.#options = options;
    this.#parts = options.parts ?? partsOf(options, inside);
    this.#conditions = new Conditions(options.onCondition ?? ((): void => undefined));
    this.#watch = new OwnWatch(this.#conditions);
    this.#reports = options.peers.map((peer) => new PeerReport(peer, this.#conditions));
  }

  /** Begins; returns at once, whether anybody answers or not. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after what is in hand, within a second or so. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Ends every connection at once, as the death of the process would. */
  async kill(): Promise<void> {
    this.#killed.abort();
    await this.stop();
  }

  get status(): ReplicatorStatus {
    const term = this.#term;
    return {
      ...this.#options.me,
      primary: term && `${term.own.address.host}:${String(term.own.address.port)}`,
      peers: this.#reports.map((report) => statusOf(report, term)),
      slots: term?.slots ?? [],
      conflicts: this.#conflictsBefore + (term?.applier.conflicts ?? 0),
      conditions: this.#conditions.all,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const connections = new AbortController();
      const end = (): void => connections.abort();
      const endOpening = (): void => void (this.#term ?? end());
      this.#killed.signal.addEventListener('abort', end, { once: true });
      signal.addEventListener('abort', endOpening, { once: true });
      const wait = await this.#once(connections).catch((err: unknown) => this.#failed(err));
      this.#killed.signal.removeEventListener('abort', end);
      signal.removeEventListener('abort', endOpening);
      await this.#pause.next(wait, signal);
    }
  }

  /** One term, from the connections to their end; gives how long to wait before the next. */
  async #once(connections: AbortController): Promise<number> {
    try {
      const opened = await this.#parts.openOwn(connections.signal);
      const term = new Term({
        ...{ me: this.#options.me.number, reports: this.#reports, conditions: this.#conditions, watch: this.#watch },
        ...{ ...opened, spillDirectory: this.#options.spillDirectory ?? tmpdir(), ...this.#parts },
      });
      return await this.#through(term, opened, connections);
    } finally {
      connections.abort();
    }
  }

  async #through(term: Term, opened: OpenedOwn, connections: AbortController): Promise<number> {
    this.#begun(term);
    try {
      await term.run(AbortSignal.any([connections.signal, this.#stopping.signal]));
      return 0;
    } catch (err) {
      if (!(err instanceof PeerForked)) throw err;
      return await this.#rewind(err, opened);
    } finally {
      await this.#end(term);
      connections.abort();
      await atMost(FINISH_MS, term.settled());
    }
  }

  #begun(term: Term): void {
    this.#term = term;
    this.#waits.reset();
    this.#conditions.clear(undefined, ...OF_OWN);
    for (const report of this.#reports) report.waitsFor = undefined;
  }

  async #end(term: Term): Promise<void> {
    this.#term = undefined;
    this.#conflictsBefore += term.applier.conflicts;
    for (const report of this.#reports) report.appliedBefore += term.applier.appliedOf(report.peer.number).applied;
    await atMost(FINISH_MS, term.applier.close(), this.#killed.signal);
  }

  /** What the peer lost and we have stays here until nodes are compared; what it writes from there on is applied. */
  async #rewind({ peer, fork, message }: PeerForked, { own, applier }: OpenedOwn): Promise<number> {
    await applier.close();
    await own.rewind(peer, fork.at, fork.timeline);
    const report = this.#reports.find((one) => one.peer.number === peer);
    if (report) Object.assign(report, { safeLsn: fork.at, safeWrite: 0n });
    this.#conditions.set('peer_lost_commits', `${message}; compare the nodes`, peer);
    return 0;
  }

  #failed(err: unknown): number {
    if (this.#stopping.signal.aborted) return 0;
    const message = err instanceof Error ? err.message : String(err);
    const type = conditionOf(err);
    this.#conditions.clear(undefined, ...OF_OWN.filter((one) => one !== type));
    this.#conditions.set(type, message);
    for (const report of this.#reports) report.withoutOwn();
    return type === 'own_not_ready' ? NOT_READY_MS : this.#waits.next();
  }
}

/** Resolves after `ms` at the latest, whatever becomes of the work. */
async function atMost(ms: number, work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const done = new AbortController();
  const over = signal ? AbortSignal.any([done.signal, signal]) : done.signal;
  void work.then(
    () => done.abort(),
    () => done.abort(),
  );
  await new Signal().next(ms, over);
}

function conditionOf(err: unknown): ConditionType {
  if (err instanceof AnotherReplicator) return 'another_replicator';
  const isAway = !(err instanceof DomainError) || err.code === 'connection_failed' || err.code === 'no_primary';
  return isAway ? 'own_unreachable' : 'own_not_ready';
}
