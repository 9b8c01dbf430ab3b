import type { ReceivedRow, Row } from './table.ts';

/** One change as it arrives from another node, in the words of pgoutput. */
export type Change =
  | { readonly kind: 'insert'; readonly table: string; readonly row: Row }
  /** `old` is there when the key changed, and always with REPLICA IDENTITY FULL; then it is the whole row. */
  | { readonly kind: 'update'; readonly table: string; readonly old?: Row; readonly row: ReceivedRow }
  | { readonly kind: 'delete'; readonly table: string; readonly old: Row }
  | { readonly kind: 'truncate'; readonly tables: readonly string[] };

/** A transaction of another node, as its stream brings it. */
export interface Transaction {
  readonly node: number;
  readonly time: number;
  /** Where it ended in the stream of its node. */
  readonly position: number;
  readonly changes: readonly Change[];
}
