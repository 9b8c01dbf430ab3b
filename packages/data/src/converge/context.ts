import type { Rules } from './rules.ts';
import type { Store, StoredRow } from './store.ts';
import type { Table } from './table.ts';

/** What the rules work on: one node, within one local transaction. */
export interface Context {
  readonly store: Store;
  /** Whether this node settles what rows of a node have won: its own; the lowest node also those of nodes that are gone. */
  actsFor(node: number | undefined): boolean;
  readonly rules: Rules;
  tableOf(name: string): Table;
  /** The partitioned table and all its partitions, by the name of one; of another table itself. */
  relatives(name: string): readonly string[];
  /**
   * The row with this key as the node that sent the change has it, in a snapshot that sees the transaction which is applied.
   * A transaction is sent as soon as it is in the WAL, and is seen only when its standbys have it.
   */
  ask(table: string, key: string): StoredRow | undefined;
}
