import type { Store, StoredRow } from '../../converge/store.ts';
import { collide, type Row } from '../../converge/table.ts';
import type { Tally } from '../../converge/tally.ts';
import { newest, type Version } from '../../converge/version.ts';
import type { MemoryData } from './memory-data.ts';
import { asStored, tableOf } from './schema.ts';

type Tombstones = Map<string, Map<string, Version>>;

/**
 * A local transaction in READ COMMITTED: rows are read as they are under their locks, tombstones of keys from the snapshot
 * of the statement, and nothing is seen by others before the commit.
 */
export class Draft implements Store {
  readonly #data: MemoryData;
  readonly #node: number;
  #seen: Tombstones | undefined;
  readonly #rows = new Map<string, Map<string, StoredRow | undefined>>();
  readonly #tombstones: Tombstones = new Map();
  readonly #tables = new Map<string, Version>();
  readonly #tallies = new Map<string, Map<string, Tally>>();

  constructor(data: MemoryData, node: number, seen?: Tombstones) {
    this.#data = data;
    this.#node = node;
    this.#seen = seen;
  }

  /** The next statement begins: it sees all that is committed. */
  nextStatement(): void {
    this.#seen = undefined;
  }

  row(table: string, key: string): StoredRow | undefined {
    const own = this.#rows.get(table);
    return own?.has(key) ? own.get(key) : this.#data.of(table).rows.get(key);
  }

  putRow(table: string, key: string, stored: StoredRow): void {
    const row = asStored(table, stored.row, () => this.#data.nextNumber(this.#node));
    into(this.#rows, table).set(key, { ...stored, row });
  }

  removeRow(table: string, key: string): void {
    into(this.#rows, table).set(key, undefined);
  }

  rows(table: string): [string, StoredRow][] {
    const own = this.#rows.get(table);
    const all = own ? new Map([...this.#data.of(table).rows, ...own]) : this.#data.of(table).rows;
    return [...all].flatMap(([key, row]) => (row ? [[key, row] as [string, StoredRow]] : []));
  }

  /** The keys whose rows it has written or removed, and not committed. */
  locks(table: string, key: string): boolean {
    return this.#rows.get(table)?.has(key) ?? false;
  }

  /** Whether it has changed anything of a table. */
  touches(table: string): boolean {
    return this.#rows.has(table) || this.#tables.has(table) || this.#tallies.has(table);
  }

  /** Whether it has emptied a table, which nobody else can read until it is seen. */
  empties(table: string): boolean {
    return this.#tables.has(table);
  }

  tombstone(table: string, key: string): Version | undefined {
    const committed = this.#seen ? this.#seen.get(table)?.get(key) : this.#data.of(table).tombstones.get(key);
    return newest(this.#tombstones.get(table)?.get(key), committed);
  }

  putTombstone(table: string, key: string, version: Version): void {
    into(this.#tombstones, table).set(key, version);
  }

  tableTombstone(table: string): Version | undefined {
    return newest(this.#tables.get(table), this.#data.of(table).tableTombstone);
  }

  putTableTombstone(table: string, version: Version): void {
    this.#tables.set(table, version);
  }

  colliding(table: string, row: Row): string[] {
    return this.rows(table)
      .filter(([, other]) => collide(tableOf(table), row, other.row))
      .map(([key]) => key);
  }

  parkedKeys(table: string): string[] {
    return this.rows(table)
      .filter(([, row]) => row.parked)
      .map(([key]) => key);
  }

  tally(table: string, content: string): Tally | undefined {
    return this.#tallies.get(table)?.get(content) ?? this.#data.of(table).tallies.get(content);
  }

  tallies(table: string): [string, Tally][] {
    return [...new Map([...this.#data.of(table).tallies, ...(this.#tallies.get(table) ?? [])])];
  }

  putTally(table: string, content: string, tally: Tally): void {
    into(this.#tallies, table).set(content, tally);
  }

  commit(): void {
    for (const [table, rows] of this.#rows)
      for (const [key, row] of rows)
        if (row) this.#data.of(table).rows.set(key, row);
        else this.#data.of(table).rows.delete(key);
    for (const [table, own] of this.#tombstones) this.#keep(table, own);
    for (const [table, version] of this.#tables)
      this.#data.of(table).tableTombstone = newest(this.#data.of(table).tableTombstone, version);
    for (const [table, own] of this.#tallies)
      for (const [content, tally] of own) this.#data.of(table).tallies.set(content, tally);
  }

  /** One tombstone for a key, the newest. */
  #keep(table: string, own: Map<string, Version>): void {
    const { tombstones } = this.#data.of(table);
    for (const [key, version] of own) tombstones.set(key, newest(tombstones.get(key), version) ?? version);
  }
}

function into<T>(maps: Map<string, Map<string, T>>, table: string): Map<string, T> {
  const found = maps.get(table) ?? new Map<string, T>();
  maps.set(table, found);
  return found;
}
