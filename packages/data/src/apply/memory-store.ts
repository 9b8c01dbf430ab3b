import {
  collide,
  isNewer,
  type Row,
  type Store,
  type StoredRow,
  type Table,
  type Tally,
  type Version,
} from '../converge/index.ts';

/** The part of one table that some changes are about, in memory, while the table is locked against writers. */
export class MemoryStore implements Store {
  readonly #table: Table;
  readonly stored = new Map<string, StoredRow>();
  readonly tombstones = new Map<string, Version>();
  /** The tombstones that were put since. */
  readonly buried = new Map<string, Version>();
  ofTable: Version | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  row(_table: string, key: string): StoredRow | undefined {
    return this.stored.get(key);
  }

  putRow(_table: string, key: string, row: StoredRow): void {
    this.stored.set(key, row);
  }

  removeRow(_table: string, key: string): void {
    this.stored.delete(key);
  }

  rows(): Iterable<readonly [string, StoredRow]> {
    return this.stored;
  }

  tombstone(_table: string, key: string): Version | undefined {
    return this.tombstones.get(key);
  }

  putTombstone(_table: string, key: string, version: Version): void {
    const before = this.tombstones.get(key);
    if (before && isNewer(before, version)) return;
    this.tombstones.set(key, version);
    this.buried.set(key, version);
  }

  tableTombstone(): Version | undefined {
    return this.ofTable;
  }

  colliding(_table: string, row: Row): string[] {
    return [...this.stored].filter(([, other]) => collide(this.#table, row, other.row)).map(([key]) => key);
  }

  parkedKeys(): string[] {
    return [...this.stored].filter(([, { parked }]) => parked).map(([key]) => key);
  }

  putTableTombstone(): never {
    throw new Error('a table is emptied by SQL');
  }

  tallies(): Iterable<readonly [string, Tally]> {
    return [];
  }

  tally(): undefined {
    return undefined;
  }

  putTally(): never {
    throw new Error('a table with a key counts nothing');
  }
}
