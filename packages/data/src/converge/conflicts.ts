import type { ReceivedRow } from './table.ts';
import { isNewer, type KnownVersion } from './version.ts';

/** A change that lost, and to what. */
export interface Rejected {
  readonly table: string;
  readonly key: string;
  readonly loser: KnownVersion;
  readonly winner: KnownVersion;
  readonly lostTo: 'newer row' | 'newer tombstone' | 'unique value';
  /** What arrived; null for a delete. */
  readonly row: ReceivedRow | null;
}

/**
 * The node that wrote the winner records it, and no other. There the loser arrives when the winner is already committed,
 * so neither knew of the other; elsewhere the same order of arrival may only mean that one stream was slower.
 */
export function recordedHere({ winner }: Rejected, me: number): boolean {
  return winner?.node === me;
}

/**
 * The list that people read, from the records of all nodes: each rejected change once. When two nodes wrote what it lost
 * to, both have a record, each with its own winner; the newest winner stands.
 */
export function listed(records: Iterable<Rejected>): Rejected[] {
  const byLoser = new Map<string, Rejected>();
  for (const one of records) {
    const id = JSON.stringify([one.table, one.key, one.loser?.time, one.loser?.node]);
    const other = byLoser.get(id);
    if (!other || isNewer(one.winner, other.winner)) byLoser.set(id, one);
  }
  return [...byLoser.values()];
}
