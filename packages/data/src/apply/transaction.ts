import { formatLsn, formatTimestamp, type ChangeEvent, type Relation } from '../source/postgres/index.ts';
import type { Ask } from './arrangement.ts';
import { microseconds } from './clock.ts';
import { collect, collectCounts, tuplesOf, type RowEvent } from './collect.ts';
import { Counts, countSteps, isCounted, truncateCounted } from './count.ts';
import { endOf } from './end.ts';
import type { Step } from './exchange.ts';
import type { Incoming } from './inbox.ts';
import type { Plan } from './plan.ts';
import { Run, stepsOf, type ArrivingVersion } from './run.ts';
import { emptySql, lockSql, tableTombstoneSql } from './sql/truncate-sql.ts';
import { isDdl, isOurs, isRemoval, type Tables } from './tables.ts';
import { uniqueSteps } from './unique.ts';
import { enter, forUsers } from './users-code.ts';

/** What a transaction needs from outside of itself. */
export interface Around {
  readonly tables: Tables;
  /** What has to be said before its first statement. */
  begin(incoming: Incoming): Promise<readonly Step[]>;
  push(steps: readonly Step[]): Promise<void>;
  readonly ask: Ask;
  /** It is the one at the progress of its peer, and may be applied already. */
  readonly isDoubtful: boolean;
  /** What a user of the sender did to its tables: the number and the content of its record. */
  carryOut(id: number, what: string): Promise<void>;
  /** Fills in what was not sent; rows that are superseded are left out of the run. */
  complete(run: Run, version: ArrivingVersion, wroteBefore: boolean): Promise<void>;
}

/** How many changes of a table are collected before they are given to the server. */
const RUN_ROWS = 1000;
/** A marker of ours: the transaction is applied although nothing is in it, so that the progress of its origin moves. */
const MARKER = 'windlass.sync';

/** Turns the changes of one transaction of a peer into statements, in an order that has the same effect. */
export class ApplyTransaction {
  readonly #incoming: Incoming;
  readonly #around: Around;
  readonly #version: ArrivingVersion;
  readonly #runs = new Map<string, Run>();
  /** Of tables without a key. */
  readonly #counts = new Map<string, Counts>();
  /** Tables without a key in which it has been counted before. */
  readonly #counted = new Set<string>();
  /** The tables it has written to. */
  readonly #touched = new Set<string>();
  #hasBegun = false;
  /** It has changed what tables are like. */
  hasDdl = false;
  /** Rows of it may be parked now. */
  wasCareful = false;
  #ranUsersCode = false;

  constructor(incoming: Incoming, around: Around) {
    this.#incoming = incoming;
    this.#around = around;
    const { commitTime } = incoming.begin;
    this.#version = { time: formatTimestamp(commitTime), micros: microseconds(commitTime), node: incoming.peer };
  }

  async add(event: ChangeEvent): Promise<void> {
    if (event.kind === 'message') {
      // Any user can send messages: they say nothing that could do harm.
      if (event.prefix === MARKER) await this.#mark();
    } else if (event.kind === 'truncate') {
      for (const relation of event.relations) if (!isOurs(relation)) await this.#truncate(relation);
    } else if (isDdl(event.relation)) await this.#ddl(event);
    else if (isRemoval(event.relation)) await this.#removed(event);
    else if (!isOurs(event.relation)) await this.#change(event);
  }

  /** The last statements; none when nothing was to be done. */
  async end(): Promise<Step[]> {
    await this.flush();
    if (!this.#hasBegun) return [];
    return endOf(formatLsn(this.#incoming.begin.commitLsn), this.#version.time, this.#ranUsersCode);
  }

  /** Gives to the server what has been collected. */
  async flush(): Promise<void> {
    for (const run of [...this.#runs.values()]) await this.#carryOut(run);
    for (const counts of [...this.#counts.values()]) await this.#count(counts);
  }

  async #begin(): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    await this.#around.push([...(await this.#around.begin(this.#incoming)), { text: 'BEGIN', values: [] }]);
  }

  /** What came before it comes first. Its row goes again at once, and that says nothing. */
  async #ddl(event: RowEvent): Promise<void> {
    if (event.kind !== 'insert') return;
    await this.flush();
    await this.#begin();
    await this.#around.carryOut(Number(textOf(event, 'id')), textOf(event, 'what'));
    this.hasDdl = true;
  }

  /** Only a transaction with a number of its own moves the progress. */
  async #mark(): Promise<void> {
    await this.#begin();
    await this.#around.push([{ text: 'SELECT pg_catalog.pg_current_xact_id()', values: [] }]);
  }

  async #change(event: RowEvent): Promise<void> {
    const plan = this.#around.tables.known(event.relation) ?? (await this.#around.tables.plan(event.relation));
    if (plan.table.key.length === 0) return this.#collectCounts(plan, event);
    const run = await this.#runOf(plan);
    if (plan.table.keyKinds.includes('folded')) await this.#around.tables.fold(plan, tuplesOf(event));
    collect(run, event, this.#around.tables.folded);
    if (run.size >= RUN_ROWS) await this.#carryOut(run);
  }

  /** What was collected of the same table with another plan is carried out first. */
  async #runOf(plan: Plan): Promise<Run> {
    const before = this.#runs.get(plan.table.name);
    if (before?.plan === plan) return before;
    if (before) await this.#carryOut(before);
    const run = new Run(plan);
    this.#runs.set(plan.table.name, run);
    return run;
  }

  /** A node has removed a parked row for good. That its note of that goes again says nothing. */
  async #removed(event: RowEvent): Promise<void> {
    if (event.kind !== 'insert') return;
    const [schema, name, text] = ['schema', 'name', 'key'].map((column) => textOf(event, column));
    const key = JSON.parse(text ?? '[]') as (string | null)[];
    const plan = await this.#around.tables.planByName(schema ?? '', name ?? '');
    (await this.#runOf(plan)).remove(text ?? '[]', key);
  }

  async #carryOut(run: Run): Promise<void> {
    const { name } = run.plan.table;
    this.#runs.delete(name);
    const wroteBefore = this.#touched.has(name);
    const isCareful = this.#around.tables.isCareful(run.plan);
    await this.#enter(run.plan, isCareful);
    if (run.incomplete.length > 0) await this.#around.complete(run, this.#version, wroteBefore);
    if (run.size === 0) return;
    this.wasCareful ||= isCareful;
    await this.#around.push(
      isCareful
        ? await uniqueSteps(run, this.#version, this.#around.ask)
        : stepsOf(run, this.#version, this.#around.tables.isContended(run.plan)),
    );
  }

  async #collectCounts(plan: Plan, event: RowEvent): Promise<void> {
    const { name } = plan.table;
    const before = this.#counts.get(name);
    if (before && before.plan !== plan) await this.#count(before);
    const counts = this.#counts.get(name) ?? new Counts(plan);
    this.#counts.set(name, counts);
    collectCounts(counts, event);
    if (counts.of.size >= RUN_ROWS) await this.#count(counts);
  }

  async #count(counts: Counts): Promise<void> {
    const { plan } = counts;
    this.#counts.delete(plan.table.name);
    await this.#enter(plan, true);
    if (this.#counted.has(plan.table.name)) return;
    await this.#around.push(await countSteps(counts, this.#version, this.#around.ask));
  }

  /** Begins, and makes sure that of this table no code runs that should not. With a lock, if it is to be locked against writers. */
  async #enter(plan: Plan, isLocked: boolean): Promise<void> {
    await this.#begin();
    const { name, code, key } = plan.table;
    this.#ranUsersCode ||= code.role !== null;
    if (this.#touched.has(name)) return;
    this.#touched.add(name);
    await this.#around.push([...(isLocked ? [{ text: lockSql(plan), values: [], about: name }] : []), ...enter(plan)]);
    if (key.length > 0 || !this.#around.isDoubtful) return;
    if (await isCounted(plan, this.#version, this.#around.ask)) this.#counted.add(name);
  }

  async #truncate(relation: Relation): Promise<void> {
    const plan = await this.#around.tables.planOfTruncated(relation);
    if (!plan) return;
    const { name, key } = plan.table;
    const run = this.#runs.get(name);
    if (run) await this.#carryOut(run);
    const counts = this.#counts.get(name);
    if (counts) await this.#count(counts);
    await this.#enter(plan, true);
    if (this.#counted.has(name)) return;
    await this.#around.push(
      key.length > 0 ? this.#emptySteps(plan) : await truncateCounted(plan, this.#version, this.#around.ask),
    );
  }

  #emptySteps(plan: Plan): Step[] {
    const values = [this.#version.time, String(this.#version.node)];
    const about = plan.table.name;
    return [
      { text: lockSql(plan), values: [], about },
      ...forUsers(plan, emptySql(plan), values),
      { text: tableTombstoneSql(plan), values, about },
    ];
  }
}

function textOf({ relation, newTuple }: Extract<RowEvent, { kind: 'insert' }>, column: string): string {
  return String(newTuple[relation.columns.findIndex(({ name }) => name === column)]);
}
