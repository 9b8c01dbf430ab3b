import { parseLsn, type Lsn, type SourceEvent } from '../source/postgres/index.ts';
import { Clock } from './clock.ts';
import { BeginAgain, NeedsPerson } from './errors.ts';
import { Inbox } from './inbox.ts';
import { LateRecheck } from './late.ts';
import { openSide } from './session.ts';
import { originOf } from '../sql/index.ts';
import { Signal } from '../waiting/index.ts';
import { Side } from './side.ts';
import { States } from './states.ts';
import { Contended } from './tables.ts';
import { Worker } from './worker.ts';
import type { ApplierOptions, ApplierState } from './options.ts';

/** Applies what peers have committed to the own primary: one transaction at a time, from whichever peer. */
export interface Applier {
  /**
   * Where the stream of this peer begins: what is before it is applied here. To be asked before each new stream; what came from an earlier one and is not
   * applied is forgotten. The transaction that is committed there is sent again, and that is right: whether it was applied is not sure after a crash.
   */
  progressOf(peer: number): Promise<Lsn>;
  /** Events of one peer in the order of its stream; resolves when it may be given more. Throws `NeedsPerson`, or `BeginAgain` when the stream has to begin again. */
  take(peer: number, events: readonly SourceEvent[]): Promise<void>;
  /**
   * Position up to which everything of this peer is committed here. Commits of the applier wait neither for the disk nor for standbys: whoever confirms a
   * position to the peer first commits something that does. What is before that in the log is safe, too.
   */
  committed(peer: number): Lsn;
  readonly state: ApplierState;
  /** Ends at once; what is not committed is sent again. */
  close(): Promise<void>;
}

/** It begins to apply when no other applier of this database is there. */
export async function openApplier(options: ApplierOptions): Promise<Applier> {
  return new PostgresApplier(options, await Side.open(() => openSide(options)));
}

class PostgresApplier implements Applier {
  readonly #side: Side;
  readonly #changed = new Signal();
  readonly #inboxes: ReadonlyMap<number, Inbox>;
  readonly #states: States;
  readonly #committed = new Map<number, Lsn>();
  readonly #worker: Worker;

  constructor(options: ApplierOptions, side: Side) {
    this.#side = side;
    const { peers } = options;
    this.#inboxes = new Map(peers.map((peer) => [peer, new Inbox(peer, this.#changed)]));
    this.#states = new States(peers);
    this.#worker = new Worker({
      ...{ options, side, inboxes: this.#inboxes, changed: this.#changed },
      ...{ states: this.#states, committed: this.#committed, careful: new Map(), contended: new Contended() },
      late: new LateRecheck(side),
      clock: new Clock(side),
    });
    this.#worker.start();
  }

  get state(): ApplierState {
    return this.#states;
  }

  async progressOf(peer: number): Promise<Lsn> {
    const inbox = this.#inboxOf(peer);
    inbox.clear(new BeginAgain('the stream begins again'));
    await this.#worker.idle(peer);
    const rows = await this.#side.rows<{ at: string | null }>(PROGRESS, [originOf(peer)]);
    if (rows.length === 0)
      throw new NeedsPerson(undefined, `there is no replication origin ${originOf(peer)} here: install the node again`);
    const at = parseLsn(rows[0]?.at ?? '0/0');
    this.#worker.startsAt(peer, at);
    inbox.clear();
    return at;
  }

  take(peer: number, events: readonly SourceEvent[]): Promise<void> {
    return this.#inboxOf(peer).take(events);
  }

  committed(peer: number): Lsn {
    return this.#committed.get(peer) ?? 0n;
  }

  async close(): Promise<void> {
    for (const inbox of this.#inboxes.values()) inbox.clear(new BeginAgain('the applier is closed'));
    await this.#worker.close();
    await this.#side.close();
  }

  #inboxOf(peer: number): Inbox {
    const inbox = this.#inboxes.get(peer);
    if (!inbox) throw new Error(`node ${String(peer)} is no peer of this applier`);
    return inbox;
  }
}

const PROGRESS = `SELECT pg_catalog.pg_replication_origin_progress(roname, true) AS at FROM pg_catalog.pg_replication_origin WHERE roname = $1`;
