import {
  areNullsEqual,
  keyOf,
  type Context,
  RULES,
  type Row,
  type StoredRow,
  type Table,
  type Version,
} from '../converge/index.ts';
import { arrayText, shortKey } from '../sql/index.ts';
import { asWritten, inexactOf, withKey } from './key-rows.ts';
import type { Answer, Step } from './exchange.ts';
import { MemoryStore } from './memory-store.ts';
import { ownColumns, type StatementsOf } from './sql/statements.ts';
import {
  insertSql,
  parkedSql,
  parkSql,
  removeSql,
  rowByValuesSql,
  tombstonesSql,
  unparkSql,
  updateSql,
} from './sql/unique-sql.ts';
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
  /** The columns that a row has in what is asked for. */
  readonly #names: readonly string[];
  readonly #ask: Ask;
  readonly #standing = new Map<string, StoredRow>();
  readonly #parked = new Map<string, StoredRow>();
  readonly #asked = new Set<string>();
  /** The version of what this transaction writes. */
  readonly #arriving: Version | undefined;

  constructor(of: StatementsOf, ask: Ask, arriving?: Version) {
    this.#of = of;
    this.#names = ownColumns(of.table).map(({ name }) => name);
    this.#ask = ask;
    this.#arriving = arriving;
    this.table = of.table;
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

  /** Reads all that collides with these rows, with what is parked, with what that collides with, and so on; and the tombstones of the keys. */
  async load(rows: readonly Row[], keys: readonly string[]): Promise<void> {
    const [parked] = await this.#ask([this.#step(parkedSql(this.#of), [])]);
    for (const [, text, time, node] of parked?.rows ?? []) {
      const row = JSON.parse(text ?? '{}') as Row;
      this.#parked.set(keyOf(this.table, row), { row, version: version(time, node), parked: true });
    }
    let open: readonly Row[] = [
      ...rows,
      ...keys.map((key) => this.#rowOfKey(key)),
      ...[...this.#parked.values()].map(({ row }) => row),
    ];
    while (open.length > 0) open = await this.#round(open);
    for (const [key, one] of [...this.#parked, ...this.#standing]) this.store.stored.set(key, one);
    await this.#loadTombstones([...keys, ...rows.map((row) => keyOf(this.table, row))]);
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

  /** Puts a parked row back. */
  returnSteps(key: string, { row }: StoredRow): Step[] {
    return [this.#step(unparkSql(this.#of), [shortKey(key)]), ...this.#write(insertSql, asWritten(row))];
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
      here && one && !one.parked && one !== here && this.#canUpdate(asWritten(here.row), asWritten(one.row));
    if (changed) after.push(...this.#write(updateSql, { ...asWritten(here.row), ...asWritten(one.row) }));
    else if (here && here !== one) before.push(...forUsers(this.#of, removeSql(this.#of), this.#keyValues(key)));
    if (one && this.#returns(key, one)) return;
    if (parked && !one?.parked) before.push(this.#step(unparkSql(this.#of), [shortKey(key)]));
    if (one?.parked && one !== parked) before.push(this.#park(key, one));
    if (one && !one.parked && one !== here && !changed)
      after.push(...this.#write(insertSql, { ...asWritten(here?.row ?? {}), ...asWritten(one.row) }));
  }

  /** Triggers that fire in replica role are told of an update as one; with other unique values rows may have to make room for one another first. */
  #canUpdate(here: Row, row: Row): boolean {
    const { table } = this.#of;
    const isFixed = (name: string): boolean =>
      table.columns.some((one) => one.name === name && one.identity === 'always') &&
      here[name] !== (row[name] ?? here[name]);
    return table.code.role !== null && table.uniqueIndexes.length === 0 && !Object.keys(row).some(isFixed);
  }

  #park(key: string, { row, version: of }: StoredRow): Step {
    const values = [shortKey(key), JSON.stringify(row), of && String(of.time), of && String(of.node)];
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

  /** Asks for what has the unique values and the keys of these rows; gives the rows that are new. */
  async #round(rows: readonly Row[]): Promise<Row[]> {
    const steps = rows.flatMap((row) =>
      [this.table.key, ...this.table.unique].flatMap((columns) => this.#question(row, columns)),
    );
    const answers = steps.length > 0 ? await this.#ask(steps) : [];
    return answers.flatMap(({ rows: found }) => readTexts(found)).flatMap((values) => this.#found(values));
  }

  #question(row: Row, columns: readonly string[]): Step[] {
    const values = columns.map((name) => row[name] ?? null);
    const id = JSON.stringify([columns, values]);
    if ((values.includes(null) && !areNullsEqual(this.table, columns)) || this.#asked.has(id)) return [];
    this.#asked.add(id);
    const nulls = columns.filter((_, i) => values[i] === null);
    return forUsers(
      this.#of,
      rowByValuesSql(this.#of, columns, nulls),
      values.filter((value) => value !== null),
      true,
    );
  }

  #found(values: readonly (string | null)[]): Row[] {
    const names = this.#names;
    const written: Row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
    const inexact = inexactOf(this.#of.table).map(({ name }) => name);
    const text = (name: string): string | null => values[names.length + inexact.indexOf(name)] ?? null;
    const keys = this.table.key.map((name) => (inexact.includes(name) ? text(name) : (written[name] ?? null)));
    const row = withKey(this.#of.table, written, keys);
    const key = keyOf(this.table, row);
    if (this.#standing.has(key)) return [];
    const [time, node, own] = values.slice(names.length + inexact.length);
    const of = own === 'true' && this.#arriving ? this.#arriving : version(time, node);
    this.#standing.set(key, { row, version: of, parked: false });
    return [row];
  }

  async #loadTombstones(keys: readonly string[]): Promise<void> {
    const byShort = new Map(keys.map((key) => [shortKey(key), key]));
    const [answer] = await this.#ask([this.#step(tombstonesSql(this.#of), [arrayText([...byShort.keys()])])]);
    for (const [short, time, node] of answer?.rows ?? []) {
      const of = version(time, node) ?? undefined;
      if (short === null || short === undefined) this.store.ofTable = of;
      else if (of) this.store.tombstones.set(byShort.get(short) ?? short, of);
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
