import { formatTimestamp, type Lsn } from '../source/postgres/index.ts';
import { microseconds } from './clock.ts';
import { carryOutDdl, isDone } from './carry-out.ts';
import { askSender, fillFromOwn, ownRowSql } from './ask.ts';
import { NeedsPerson } from './errors.ts';
import type { Answer, Step } from './exchange.ts';
import type { Ask } from './arrangement.ts';
import { sizeOf, type Incoming } from './inbox.ts';
import { LookAgain } from './look-again.ts';
import { Outbox, type Failure } from './outbox.ts';
import type { ArrivingVersion, Run } from './run.ts';
import type { ApplySession } from './session.ts';
import { isDdl, Tables } from './tables.ts';
import { readTexts } from './sql/output.ts';
import { doneBy } from './states.ts';
import { forUsers } from './users-code.ts';
import { ApplyTransaction, type Around } from './transaction.ts';
import type { WorkerParts } from './worker.ts';

/** Applies transactions in one session, as long as that lives. */
export class Applying {
  readonly #session: ApplySession;
  readonly #parts: WorkerParts;
  readonly #startsAt: ReadonlyMap<number, Lsn>;
  readonly #outbox: Outbox;
  readonly #tables: Tables;
  /** What is looked at again. */
  readonly again: LookAgain;
  /** Taken and not committed, in order. */
  readonly #open: Incoming[] = [];

  constructor(session: ApplySession, parts: WorkerParts, startsAt: ReadonlyMap<number, Lsn>, tables?: Tables) {
    this.#session = session;
    this.#parts = parts;
    this.#startsAt = startsAt;
    this.#outbox = new Outbox((steps) => session.run(steps), parts.changed);
    this.#tables = tables ?? new Tables(parts.side, session.versions, parts);
    this.again = new LookAgain({ session, parts, outbox: this.#outbox, tables: this.#tables });
  }

  get open(): readonly Incoming[] {
    return this.#open;
  }

  get failure(): Failure | undefined {
    return this.#outbox.failure;
  }

  /** Another session would be quicker than this one. */
  get isExposed(): boolean {
    return this.#session.isExposed;
  }

  /** Another session would know more nodes than this one. */
  get isOutdated(): boolean {
    return this.#session.isOutdated;
  }

  knows(peer: number): boolean {
    return this.#session.knows(peer);
  }

  has(peer: number): boolean {
    return this.#open.some((one) => one.peer === peer);
  }

  /** Throws when a statement has failed meanwhile. */
  check(): void {
    this.#outbox.check();
  }

  /** Resolves when all that was given is done. Throws when something of it has failed. */
  done(): Promise<void> {
    return this.#outbox.empty();
  }

  /** Resolves when all that was given is done, or something of it has failed. */
  async settled(): Promise<void> {
    await this.#outbox.empty().catch(() => undefined);
  }

  /** Goes on after a statement that failed and says nothing about the session; undefined: another session is needed, and this one is closed. */
  async renewed(): Promise<Applying | undefined> {
    try {
      if (this.#session.isExposed || this.#tables.isWithin) throw new Error('what is known may be wrong');
      await this.#session.renew();
      return new Applying(this.#session, this.#parts, this.#startsAt, this.#tables);
    } catch {
      await this.close();
      return undefined;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async apply(incoming: Incoming): Promise<void> {
    this.#open.push(incoming);
    const { peer, begin } = incoming;
    const isApplied = begin.commitLsn < (this.#startsAt.get(peer) ?? 0n) || (await this.#isDone(incoming));
    const transaction = new ApplyTransaction(incoming, this.#around(incoming));
    if (incoming.commit) for (const event of isApplied ? [] : incoming.changes) await transaction.add(event);
    else await this.#whileItArrives(incoming, isApplied ? undefined : transaction);
    const steps = isApplied ? [] : await transaction.end();
    this.#outbox.push({ of: incoming, steps, onDone: (answers) => this.#committed(incoming, answers) });
    await this.#outbox.room();
    if (transaction.hasDdl) await this.#changedTables();
    if (transaction.wasCareful) this.again.expectSettling();
  }

  /** Applied again, rows stay as they are, but what DDL has made does not. */
  async #isDone(incoming: Incoming): Promise<boolean> {
    const { changes, begin, peer } = incoming;
    const isSentAgain = begin.commitLsn === this.#startsAt.get(peer);
    if (!isSentAgain && !changes.some((event) => 'relation' in event && isDdl(event.relation))) return false;
    return isDone(this.#parts.side, incoming);
  }

  /** From its commit on others see them, too. */
  async #changedTables(): Promise<void> {
    await this.#outbox.empty();
    this.#tables.forget();
  }

  /** What is applied of a big transaction is not kept. */
  async #whileItArrives(incoming: Incoming, transaction: ApplyTransaction | undefined): Promise<void> {
    incoming.isBig = true;
    for (;;) {
      if (incoming.isBroken) throw new Error('the stream of a transaction ended before it did');
      const event = incoming.changes.shift();
      if (event) {
        const bytes = sizeOf(event);
        incoming.bytes -= bytes;
        this.#parts.inboxes.get(incoming.peer)?.release(bytes);
        await transaction?.add(event);
      } else if (incoming.commit) return;
      else await this.#parts.changed.next();
      this.#outbox.check();
    }
  }

  #around(incoming: Incoming): Around {
    return {
      tables: this.#tables,
      isDoubtful: incoming.begin.commitLsn === this.#startsAt.get(incoming.peer),
      ask: (steps) => this.#outbox.ask(incoming, steps),
      begin: () => this.#begin(incoming),
      carryOut: (id, what) => this.#carryOut(incoming, id, what),
      push: async (steps) => {
        this.#outbox.push({ of: incoming, steps, onDone: (answers) => this.#count(incoming, steps, answers) });
        await this.#outbox.room();
      },
      complete: (run, version, wroteBefore) => this.#complete(incoming, { run, version, wroteBefore }),
    };
  }

  async #carryOut(incoming: Incoming, id: number, what: string): Promise<void> {
    const ask: Ask = (steps) => this.#outbox.ask(incoming, steps);
    const { states, options } = this.#parts;
    await carryOutDdl({ incoming, id, what, me: options.me, ask, state: states.of(incoming.peer) });
    this.#tables.forget(ask);
  }

  /** The clock first; then the origin, where the transaction before was of another peer. */
  async #begin({ peer, begin: { commitTime } }: Incoming): Promise<readonly Step[]> {
    const { waits, refuse, ahead, steps } = await this.#parts.clock.before(
      microseconds(commitTime),
      formatTimestamp(commitTime),
    );
    this.#parts.states.of(peer).waitingForClock = waits;
    if (refuse)
      throw new NeedsPerson(
        undefined,
        `the clock of node ${String(peer)} is ${String(Math.round(ahead / 1000))} ms ahead of this node's: set the clocks right`,
      );
    return [...this.#session.tidy(), ...steps, ...this.#session.switchTo(peer)];
  }

  /** From what the transaction itself wrote before; what it did not, from its sender. */
  async #complete(
    incoming: Incoming,
    { run, version, wroteBefore }: { run: Run; version: ArrivingVersion; wroteBefore: boolean },
  ): Promise<void> {
    if (wroteBefore) await this.#fromOwn(incoming, run);
    if (run.incomplete.length === 0) return;
    const client = await this.#parts.options.ask(incoming.peer);
    await askSender(client, { run, version, xid: incoming.begin.xid });
  }

  async #fromOwn(incoming: Incoming, run: Run): Promise<void> {
    const text = ownRowSql(run.plan);
    const width = run.plan.table.key.length;
    for (const key of run.incomplete) {
      const values = (run.rows.get(key) ?? []).slice(0, width) as (string | null)[];
      const answers = await this.#outbox.ask(incoming, forUsers(run.plan, text, values, true));
      fillFromOwn(run, key, readTexts(answers[0]?.rows ?? [])[0]);
    }
  }

  #count({ peer }: Incoming, steps: readonly Step[], answers: readonly Answer[]): void {
    if (steps.some(({ leavesLate }) => leavesLate)) this.#parts.late.expect();
    this.#parts.states.count(peer, steps, answers);
    for (const [i, { about, records }] of steps.entries())
      if (records && about !== undefined && doneBy(answers[i]) > 0) this.#parts.contended.found(about);
  }

  #committed(incoming: Incoming, answers: readonly Answer[]): void {
    const last = answers.at(-1);
    if (last && last.tag !== 'COMMIT') throw new Error(`COMMIT answered ${last.tag}`);
    const { peer, begin, bytes, commit } = incoming;
    this.#open.splice(this.#open.indexOf(incoming), 1);
    this.#parts.inboxes.get(peer)?.release(bytes);
    if (incoming.isBroken || !commit) return;
    this.#parts.committed.set(peer, commit.endLsn);
    const state = this.#parts.states.of(peer);
    state.applied += 1;
    Object.assign(state, {
      appliedTime: microseconds(begin.commitTime),
      waitingForClock: false,
      stopped: undefined,
      ddl: undefined,
    });
  }
}
