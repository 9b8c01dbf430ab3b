import { formatTimestamp, type Lsn } from '../source/postgres/index.ts';
import { microseconds } from './clock.ts';
import { carryOutDdl, isDone } from './carry-out.ts';
import { askSender, fillFromOwn, ownRowSql } from './ask.ts';
import { NeedsPerson } from './errors.ts';
import type { Answer, Step } from './exchange.ts';
import type { Ask } from './arrangement.ts';
import { sizeOf, type Incoming } from './inbox.ts';
import { Outbox, type Failure } from './outbox.ts';
import type { ArrivingVersion, Run } from './run.ts';
import { originOf } from '../sql/index.ts';
import type { ApplySession } from './session.ts';
import { isDdl, Tables } from './tables.ts';
import { lateByRules, makeOrigin, settleOnce } from './unique.ts';
import { readTexts } from './sql/output.ts';
import { forUsers } from './users-code.ts';
import { ApplyTransaction, type Around } from './transaction.ts';
import { endOf } from './end.ts';
import type { WorkerParts } from './worker.ts';

/** How often parked rows are looked at, in ms. */
const SETTLE_MS = 1000;
/** No position of any stream: the progress of an origin never falls. */
const NOWHERE = '0/1';

/** Applies transactions in one session, as long as that lives. */
export class Applying {
  readonly #session: ApplySession;
  readonly #parts: WorkerParts;
  readonly #startsAt: ReadonlyMap<number, Lsn>;
  readonly #outbox: Outbox;
  readonly #tables: Tables;
  #settledAt = 0;
  /** Taken and not committed, in order. */
  readonly #open: Incoming[] = [];

  constructor(session: ApplySession, parts: WorkerParts, startsAt: ReadonlyMap<number, Lsn>) {
    this.#session = session;
    this.#parts = parts;
    this.#startsAt = startsAt;
    this.#outbox = new Outbox((steps) => session.run(steps), parts.changed);
    this.#tables = new Tables(parts.side, session.versions, parts);
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

  close(): Promise<void> {
    return this.#session.close();
  }

  /** Looks again at keys where a delete found nothing. Its transaction has the origin of a peer, so it is sent to nobody. */
  async #recheckLate(): Promise<void> {
    const { late, options } = this.#parts;
    const { steps, coded } = await late.due(this.#tables);
    const [peer] = options.peers;
    if (peer === undefined) return;
    const wrap = (): Step[] => [...this.#switchTo(this.#session.origin ?? peer), { text: 'BEGIN', values: [] }];
    const now = new Date().toISOString();
    const ask = (asked: readonly Step[]): Promise<readonly Answer[]> => this.#outbox.ask(undefined, asked);
    for (const plan of coded) {
      await ask(wrap());
      await ask([...(await lateByRules(plan, ask)), ...endOf(NOWHERE, now, true)]);
    }
    if (steps.length === 0) return;
    const before = wrap();
    const onDone = (answers: readonly Answer[]): void => this.#count(undefined, steps, answers.slice(before.length));
    this.#outbox.push({ of: undefined, steps: [...before, ...steps, ...endOf(NOWHERE, now, false)], onDone });
    await this.#outbox.room();
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
    if (!transaction.wasCareful) return;
    await this.settleUnique();
    await this.#tables.forgetCareful();
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

  /** In how many ms something is to be looked at though nothing arrives: users may have removed what kept a row out. */
  get dueInMs(): number | undefined {
    const late = this.#parts.late.dueInMs;
    if (!this.#tables.hasCareful) return late;
    return Math.min(late ?? Infinity, Math.max(0, this.#settledAt + SETTLE_MS - performance.now()));
  }

  /** What is due. */
  async lookAgain(): Promise<void> {
    if (this.#parts.late.dueInMs === 0) await this.#recheckLate();
    if (this.#tables.hasCareful) await this.settleUnique();
  }

  /** What was parked before is settled first. */
  async beginCareful(): Promise<void> {
    for (const { table } of await this.#tables.carefulPlans()) this.#parts.careful.add(table.name);
  }

  /** Tables where rows may be parked: removes them for good, or puts them back. */
  async settleUnique(): Promise<void> {
    await this.#outbox.empty();
    this.#settledAt = performance.now();
    for (const plan of await this.#tables.carefulPlans()) {
      const ask = (steps: readonly Step[]): Promise<readonly Answer[]> => this.#outbox.ask(undefined, steps);
      const switchTo = (node: number | undefined): Promise<Step[]> => this.#switchTransaction(node);
      while (await settleOnce({ plan, ask, switchTo }));
    }
  }

  /** Within a transaction of its own: its origin is that of a node, or none. */
  async #switchTransaction(node: number | undefined): Promise<Step[]> {
    if (node !== undefined) await this.#outbox.ask(undefined, [makeOrigin(node)]);
    return this.#switchTo(node);
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
    const { waits, alarm, refuse, ahead, steps } = await this.#parts.clock.before(
      microseconds(commitTime),
      formatTimestamp(commitTime),
    );
    const state = this.#parts.states.of(peer);
    Object.assign(state, { waitingForClock: waits, clockAlarm: alarm });
    if (refuse)
      throw new NeedsPerson(
        undefined,
        `the clock of node ${String(peer)} is ${String(Math.round(ahead / 1000))} ms ahead of this node's: set the clocks right`,
      );
    return [...this.#session.tidy(), ...steps, ...this.#switchTo(peer)];
  }

  #switchTo(peer: number | undefined): Step[] {
    const { origin } = this.#session;
    if (origin === peer) return [];
    this.#session.origin = peer;
    const reset = { text: 'SELECT pg_catalog.pg_replication_origin_session_reset()', values: [] };
    const setup = { text: 'SELECT pg_catalog.pg_replication_origin_session_setup($1)', values: [originOf(peer ?? 0)] };
    return [...(origin === undefined ? [] : [reset]), ...(peer === undefined ? [] : [setup])];
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

  #count(incoming: Incoming | undefined, steps: readonly Step[], answers: readonly Answer[]): void {
    if (steps.some(({ leavesLate }) => leavesLate)) this.#parts.late.expect();
    for (const [i, { rows, records }] of steps.entries()) {
      const done = Number(answers[i]?.tag.split(' ').at(-1));
      if (incoming && rows !== undefined) this.#parts.states.of(incoming.peer).rejected += rows - done;
      if (records) this.#parts.states.conflicts += done;
    }
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
