import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { Lsn } from '../source/postgres/index.ts';
import { Applying } from './applying.ts';
import { BeginAgain, NeedsPerson, remedyOf, toNeedsPerson, type Remedy } from './errors.ts';
import { StepFailed } from './exchange.ts';
import type { LateRecheck } from './late.ts';
import type { Inbox, Incoming } from './inbox.ts';
import type { ApplierOptions } from './options.ts';
import type { Failure } from './outbox.ts';
import { ApplySession } from './session.ts';
import type { Side } from './side.ts';
import type { Signal } from '../waiting/index.ts';
import type { States } from './states.ts';
import type { Remembered } from './tables.ts';
import { Turns } from './turns.ts';

export interface WorkerParts extends Remembered {
  readonly options: ApplierOptions;
  readonly side: Side;
  readonly inboxes: ReadonlyMap<number, Inbox>;
  /** Told of everything that somebody may wait for. */
  readonly changed: Signal;
  readonly states: States;
  /** Of each peer the position up to which everything is committed here. */
  readonly committed: Map<number, Lsn>;
  readonly clock: Clock;
  readonly late: LateRecheck;
}

/** How long it waits before it tries again, in ms: doubled each time. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 5000;
/** How many transactions are applied in a session in which code of users has run, which takes longer than in a new one. */
const MOST_EXPOSED = 200;
/** For how long unique values are expected to collide in a table where they did: what failed of one peer is tried before that is forgotten. */
const CAREFUL_MS = 1000;
/** How long nothing is looked at again after that has failed, in ms: doubled each time. What arrives is applied meanwhile. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 30_000;
/** Errors that say nothing about the session. */
const COLLIDED: ReadonlySet<Remedy> = new Set(['contended', 'unique']);
/** How often an error that a look at the tables may have solved is tried again. */
const LOOKS = 1;

/** The one loop that takes transactions from the inboxes, and begins anew with another session after an error. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #startsAt = new Map<number, Lsn>();
  #applying: Applying | undefined;
  /** The session may have begun before the origin of a peer was there. */
  #isOutdated = false;
  /** What goes on in the session of the last one. */
  #renewed: Applying | undefined;
  #loop: Promise<void> = Promise.resolve();
  readonly #closed = new AbortController();
  /** Of each peer the transaction that failed last, and how often. */
  readonly #failed = new Map<number, { readonly at: Lsn; readonly times: number }>();
  /** How often no session could be had. */
  #refused = 0;
  /** How often in a row it could not be looked at what is here, and until when that rests. */
  #rest = { times: 0, until: 0 };
  readonly #turns: Turns;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** What is before this in the stream of a peer is applied. What is committed there may be. */
  startsAt(peer: number, lsn: Lsn): void {
    this.#startsAt.set(peer, lsn);
    // Its origin may have been made a moment ago, also while a session is being opened.
    if (this.#applying?.knows(peer) !== true) this.#isOutdated = true;
    this.#parts.states.of(peer).stopped = undefined;
  }

  /** Resolves when nothing of this peer is being applied. */
  async idle(peer: number): Promise<void> {
    while (!this.#closed.signal.aborted && this.#applying?.has(peer)) await this.#parts.changed.next();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#applying?.close();
    this.#parts.changed.tell();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      try {
        await this.#applyAll();
      } catch (error) {
        await this.#recover(error);
      }
    }
    await this.#applying?.close();
    await this.#renewed?.close();
  }

  async #applyAll(): Promise<void> {
    this.#applying = this.#renewed ?? (await this.#open());
    this.#renewed = undefined;
    this.#refused = 0;
    await this.#applying.again.begin();
    let exposed = 0;
    for (;;) {
      const incoming = await this.#nextIncoming(this.#applying);
      if (!incoming) return this.#closed.signal.aborted ? undefined : this.#leave(this.#applying);
      await this.#applying.apply(incoming);
      if (!this.#applying.isExposed) continue;
      exposed += 1;
      if (exposed > MOST_EXPOSED || this.#isQuiet()) return this.#leave(this.#applying);
    }
  }

  async #open(): Promise<Applying> {
    this.#isOutdated = false;
    const session = await ApplySession.open(this.#parts.options, this.#closed.signal);
    return new Applying(session, this.#parts, this.#startsAt);
  }

  #isQuiet(): boolean {
    return [...this.#parts.inboxes.values()].every(({ ready }) => !ready);
  }

  /** Code of users has run in the session: the next one is as good as new. */
  async #leave(applying: Applying): Promise<void> {
    await applying.done();
    await applying.close();
  }

  /** Of the peers in turn; whoever's clock is ahead holds nobody else up. Undefined: it is closed, or another session is needed. */
  async #nextIncoming(applying: Applying): Promise<Incoming | undefined> {
    while (!this.#closed.signal.aborted && !this.#isOutdated && !applying.isOutdated) {
      applying.check();
      await this.#turns.begin();
      const lookMs = this.#lookInMs(applying);
      if (lookMs === 0) {
        await this.#look(applying);
        continue;
      }
      const next = this.#turns.next();
      if (next) return next;
      const ms = Math.min(lookMs ?? Infinity, this.#turns.heldMs);
      await this.#parts.changed.next(ms === Infinity ? undefined : ms);
    }
    return undefined;
  }

  #lookInMs({ again }: Applying): number | undefined {
    const due = again.dueInMs(this.#turns.heldMs > 0);
    return due === undefined ? undefined : Math.max(due, this.#rest.until - performance.now(), 0);
  }

  async #look(applying: Applying): Promise<void> {
    await applying.again.look();
    if (this.#rest.times === 0) return;
    await applying.done();
    this.#rest = { times: 0, until: 0 };
    this.#parts.states.stuck = undefined;
  }

  async #recover(error: unknown): Promise<void> {
    const applying = this.#applying;
    // What was given before may fail, too, and comes first.
    if (!this.#closed.signal.aborted) await applying?.settled();
    const open = applying?.open ?? [];
    const failure = applying?.failure ?? { error, of: open.at(-1), table: undefined, ddl: undefined };
    if (COLLIDED.has(remedyOf(failure.error))) this.#renewed = await applying?.renewed();
    else await applying?.close();
    this.#applying = undefined;
    const verdict = this.#judge(failure);
    const stopped = verdict instanceof Error ? verdict : undefined;
    for (const inbox of this.#parts.inboxes.values()) {
      const again = open.filter((one) => one.peer === inbox.peer && !one.isBroken);
      if (stopped && failure.of?.peer === inbox.peer) this.#stop(inbox, stopped);
      else if (again.some((one) => one.isBig)) inbox.clear(new BeginAgain('a big transaction is sent again'));
      else inbox.putBack(again);
    }
    this.#parts.changed.tell();
    if (!this.#closed.signal.aborted && verdict === 'later')
      await this.#wait(failure.of ? this.#times(failure.of) : (this.#refused += 1));
  }

  /** What stops the stream, or when it is tried again. */
  #judge({ error, of, table, ddl }: Failure): Error | 'at once' | 'later' {
    const remedy = remedyOf(error);
    if (!of && error instanceof StepFailed && remedy !== 'again') this.#restFromLooking(toNeedsPerson(error, table));
    if (!of || of.isBroken) return 'later';
    this.#parts.states.of(of.peer).repeated += 1;
    // Whatever else failed before: a table that is decided in memory from now on has not been tried so.
    if (remedy === 'unique' && table !== undefined && !this.#parts.careful.has(table)) {
      this.#parts.careful.set(table, performance.now() + CAREFUL_MS);
      return 'at once';
    }
    if (remedy === 'contended' && table !== undefined) this.#parts.contended.found(table);
    const times = this.#times(of) + 1;
    this.#failed.set(of.peer, { at: of.begin.commitLsn, times });
    if (remedy === 'again' || remedy === 'contended' || times <= LOOKS) return 'later';
    this.#failed.delete(of.peer);
    return error instanceof StepFailed ? toNeedsPerson(error, table, ddl) : error instanceof Error ? error : 'later';
  }

  /** Users' constraints and triggers may refuse what is put back: what peers write comes first. */
  #restFromLooking({ message }: Error): void {
    this.#parts.states.stuck = message;
    const { times } = this.#rest;
    this.#rest = {
      times: times + 1,
      until: performance.now() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** times),
    };
  }

  #stop(inbox: Inbox, error: Error): void {
    const table = error instanceof NeedsPerson ? error.table : undefined;
    Object.assign(this.#parts.states.of(inbox.peer), { stopped: { table, error: error.message }, ddl: undefined });
    inbox.clear(error);
  }

  /** How often this transaction has failed. */
  #times({ peer, begin }: Incoming): number {
    const failed = this.#failed.get(peer);
    return failed?.at === begin.commitLsn ? failed.times : 0;
  }

  async #wait(times: number): Promise<void> {
    const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(times, 10));
    await sleep(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
  }
}
