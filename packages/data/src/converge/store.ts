import type { Row } from './table.ts';
import type { Tally } from './tally.ts';
import { newest, type KnownVersion, type Version } from './version.ts';

/** A row of a table with a key. A parked row is kept beside the table, because a newer row has one of its unique values. */
export interface StoredRow {
  readonly version: KnownVersion;
  readonly row: Row;
  readonly parked: boolean;
}

/**
 * What the rules ask of a node, and tell it. All of one transaction is asked and told within one local transaction, which
 * has the version of the remote one. Tombstones may be read from the snapshot of the statement; `recheck` gets a new one.
 */
export interface Store {
  row(table: string, key: string): StoredRow | undefined;
  putRow(table: string, key: string, row: StoredRow): void;
  removeRow(table: string, key: string): void;
  rows(table: string): Iterable<readonly [key: string, row: StoredRow]>;
  /** The tombstone of one key. */
  tombstone(table: string, key: string): Version | undefined;
  putTombstone(table: string, key: string, version: Version): void;
  /** The tombstone of a whole table. */
  tableTombstone(table: string): Version | undefined;
  putTableTombstone(table: string, version: Version): void;
  /** Keys of the rows, parked ones too, that have a unique value this row also has; its own key may be among them. */
  colliding(table: string, row: Row): Iterable<string>;
  parkedKeys(table: string): Iterable<string>;
  tallies(table: string): Iterable<readonly [content: string, tally: Tally]>;
  tally(table: string, content: string): Tally | undefined;
  putTally(table: string, content: string, tally: Tally): void;
}

/** The newest tombstone of a key: its own, or that of its whole table. */
export function tombstoneOf(store: Store, table: string, key: string): Version | undefined {
  return newest(store.tombstone(table, key), store.tableTombstone(table));
}
