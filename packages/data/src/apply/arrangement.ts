import {
  collide,
  isNewer,
  tombstoneOf,
  keyOf,
  type Context,
  RULES,
  type Row,
  type StoredRow,
  type Table,
  type Version,
} from '../converge/index.ts';
import { arrayText, shortKey } from '../sql/index.ts';
import { asWritten, canUpdate, readRow, withoutComputed } from './key-rows.ts';
import type { Answer, Step } from './exchange.ts';
import { MemoryStore } from './memory-store.ts';
import { Questions } from './questions.ts';
import type { StatementsOf } from './sql/statements.ts';
import { insertSql, parkedSql, parkSql, removeSql, tombstonesSql, unparkSql, updateSql } from './sql/unique-sql.ts';
import { readTexts } from './sql/output.ts';
import { forUsers } from './users-code.ts';

export type Ask = (steps: readonly Step[]) => Promise<readonly Answer[]>;

const version = (time: string | null | undefined, node: string | null | undefined): Version | null =>
  time === null || time === undefined ? null : { time: Number(time), node: Number(node) };

/**
 * Rows of one table that have, or want, the same unique values: those that stand in it and those that are parked, read while the table is
 * locked against writers. What the rules make of them in memory becomes statements again.
 */
export class Arrangement {
  readonly store: MemoryStore;
  readonly table: Table;
  readonly #of: StatementsOf;
  readonly #ask: Ask;
  readonly #standing = new Map<string, StoredRow>();
  readonly #parked = new Map<string, StoredRow>();
  readonly #questions: Questions;
  /** The version of what this transaction writes. */
  readonly #arriving: Version | undefined;

  constructor(of: StatementsOf, ask: Ask, arriving?: Version) {
    this.#of = of;
    this.#ask = ask;
    this.#arriving = arriving;
    this.table = of.table;
    this.#questions = new Questions(of, ask);
    this.store = new MemoryStore(this.table);
  }

  /** What the rules need to know of this node. */
  context(me: number): Context {
    const { store, table } = this;
    return {
      ...{ store, rules: RULES, tableOf: () => table, relatives: (name) => [name], ask: () => undefined },
      actsFor: (node) => node === me,
    };
  }

  /**
   * Reads all that collides with these rows, with what is parked, with what that collides with, and so on; and the tombstones of the keys. `before`:
   * statements that come first, as all that is known is asked at once. Gives the rows with what they are in computed indexes.
   */
  async load(arriving: readonly Row[], keys: readonly string[], before: readonly Step[] = []): Promise<readonly Row[]> {
    const rows = await this.#questions.complete(arriving, before);
    const first = rows === arriving ? before : [];
    const known = this.#questions.about([...rows, ...keys.map((key) => this.#rowOfKey(key))]);
    const shorts = new Map([...keys, ...rows.map((row) => keyOf(this.table, row))].map((key) => [shortKey(key), key]));
    const steps = [this.#step(parkedSql(this.#of), []), this.#tombstones(shorts), ...known];
    const [parked, tombstones, ...answers] = (await this.#ask([...first, ...steps])).slice(first.length);
    await this.#takeParked(parked);
    this.#takeTombstones(shorts, tombstones);
    let open = [...this.#rowsOf(answers), ...[...this.#parked.values()].map(({ row }) => row)];
    if (this.#parked.size > 0) open = await this.#round(open, [...this.#parked.keys()]);
    while (open.length > 0) open = await this.#round(open);
    for (const [key, one] of [...this.#parked, ...this.#standing])
      if (this.#counts(key, one)) this.store.stored.set(key, one);
    return rows;
  }

  /** What is parked though there is a newer row of its key, or users deleted that: nobody sees it, and nobody misses it. */
  get stale(): string[] {
    return [...this.#parked].filter(([key, one]) => !this.#counts(key, one)).map(([key]) => key);
  }

  #counts(key: string, { parked, version: of }: StoredRow): boolean {
    const tombstone = tombstoneOf(this.store, this.table.name, key);
    return !parked || (!this.#standing.has(key) && !(tombstone && isNewer(tombstone, of)));
  }

  /** Rows that stand though they are parked: each gets into the table in a transaction that has its version. */
  get returning(): (readonly [key: string, row: StoredRow])[] {
    return [...this.store.stored].filter(([key, one]) => this.#returns(key, one));
  }

  /** Statements that make the table what the store is, but for those that return. */
  steps(): Step[] {
    const keys = new Set([...this.#standing.keys(), ...this.#parked.keys(), ...this.store.stored.keys()]);
    const before: Step[] = [];
    const after: Step[] = [];
    for (const key of keys) this.#stepsOf(key, before, after);
    return [...before, ...after];
  }

  /** Puts a parked row back. What stands in its place, because it was parked for the sake of a row that is gone, is parked. */
  returnSteps(key: string, { row }: StoredRow): Step[] {
    const inItsPlace = [...this.#standing].filter(([, here]) => collide(this.table, row, here.row));
    return [
      ...inItsPlace.flatMap(([other, here]) => [
        ...forUsers(this.#of, removeSql(this.#of), this.#keyValues(other)),
        this.#park(other, here),
      ]),
      this.unpark(key),
      ...this.#write(insertSql, asWritten(row)),
    ];
  }

  /** It is parked here, and not only when all is as it should be. */
  isParked(key: string): boolean {
    return this.#parked.has(key);
  }

  /** Forgets what is parked of this key. */
  unpark(key: string): Step {
    return this.#step(unparkSql(this.#of), [shortKey(key)]);
  }

  #returns(key: string, one: StoredRow): boolean {
    return (
      !one.parked && this.#parked.has(key) && one !== this.#standing.get(key) && one.version !== this.#arrivingOf(one)
    );
  }

  #arrivingOf({ version: of }: StoredRow): StoredRow['version'] | undefined {
    const arriving = this.#arriving;
    return arriving && of?.time === arriving.time && of.node === arriving.node ? of : undefined;
  }

  #stepsOf(key: string, before: Step[], after: Step[]): void {
    const [here, one, parked] = [this.#standing.get(key), this.store.stored.get(key), this.#parked.get(key)];
    const changed =
      here && one && !one.parked && one !== here && canUpdate(this.#of.table, asWritten(here.row), asWritten(one.row));
    if (changed) after.push(...this.#write(updateSql, { ...asWritten(here.row), ...asWritten(one.row) }));
    else if (here && here !== one) before.push(...forUsers(this.#of, removeSql(this.#of), this.#keyValues(key)));
    if (one && this.#returns(key, one)) return;
    if (parked && !one?.parked) before.push(this.unpark(key));
    if (one?.parked && one !== parked) before.push(this.#park(key, one));
    if (one && !one.parked && one !== here && !changed)
      after.push(...this.#write(insertSql, { ...asWritten(here?.row ?? {}), ...asWritten(one.row) }));
  }

  #park(key: string, { row, version: of }: StoredRow): Step {
    const values = [shortKey(key), JSON.stringify(withoutComputed(row)), of && String(of.time), of && String(of.node)];
    return this.#step(parkSql(this.#of), values);
  }

  #write(sql: (of: StatementsOf, columns: readonly string[]) => string, row: Row): Step[] {
    const columns = Object.keys(row);
    return forUsers(
      this.#of,
      sql(this.#of, columns),
      columns.map((name) => row[name] ?? null),
    );
  }

  /** Asks for what has the unique values and the keys of these rows, and for these tombstones; gives the rows that are new. */
  async #round(rows: readonly Row[], buried: readonly string[] = []): Promise<Row[]> {
    const shorts = new Map(buried.map((key) => [shortKey(key), key]));
    const tombstones = shorts.size > 0 ? [this.#tombstones(shorts)] : [];
    const steps = [...tombstones, ...this.#questions.about(rows)];
    const answers = steps.length > 0 ? await this.#ask(steps) : [];
    if (tombstones.length > 0) this.#takeTombstones(shorts, answers[0]);
    return this.#rowsOf(answers.slice(tombstones.length));
  }

  /** By their short forms. */
  #tombstones(keys: ReadonlyMap<string, string>): Step {
    return this.#step(tombstonesSql(this.#of), [arrayText([...keys.keys()])]);
  }

  #rowsOf(answers: readonly Answer[]): Row[] {
    return answers.flatMap(({ rows }) => readTexts(rows)).flatMap((values) => this.#found(values));
  }

  #found(values: readonly (string | null)[]): Row[] {
    const { row, rest } = readRow(this.#of.table, values);
    const key = keyOf(this.table, row);
    if (this.#standing.has(key)) return [];
    const [time, node, own] = rest;
    const of = own === 'true' && this.#arriving ? this.#arriving : version(time, node);
    this.#standing.set(key, { row, version: of, parked: false });
    return [row];
  }

  async #takeParked(answer: Answer | undefined): Promise<void> {
    const parked = answer?.rows ?? [];
    const rows = await this.#questions.complete(parked.map(([, text]) => JSON.parse(text ?? '{}') as Row));
    for (const [i, row] of rows.entries()) {
      const [, , time, node] = parked[i] ?? [];
      this.#parked.set(keyOf(this.table, row), { row, version: version(time, node), parked: true });
    }
  }

  /** By their short forms the keys that were asked for. */
  #takeTombstones(keys: ReadonlyMap<string, string>, answer: Answer | undefined): void {
    for (const [short, time, node] of answer?.rows ?? []) {
      const of = version(time, node) ?? undefined;
      if (short === null || short === undefined) this.store.ofTable = of;
      else if (of) this.store.tombstones.set(keys.get(short) ?? short, of);
    }
  }

  #rowOfKey(key: string): Row {
    return Object.fromEntries(this.table.key.map((name, i) => [name, this.#keyValues(key)[i] ?? null]));
  }

  #keyValues(key: string): (string | null)[] {
    return JSON.parse(key) as (string | null)[];
  }

  #step(text: string, values: readonly (string | null)[]): Step {
    return { text, values, about: this.table.name };
  }
}
