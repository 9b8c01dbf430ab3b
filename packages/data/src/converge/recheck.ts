import type { Applied, Place, Remembered } from './apply.ts';
import type { Rejected } from './conflicts.ts';
import type { Context } from './context.ts';
import { isDead } from './decisions.ts';
import { tombstoneOf, type Store } from './store.ts';
import { isNewer, type Version } from './version.ts';

/**
 * Removes rows that were just written and have a newer tombstone. Its statement sees what was committed until now: a
 * delete that came between the snapshot of the write and its lock on the row was invisible to the write. What was rejected
 * has lost to what is there now.
 */
export function recheck({ store, rules }: Context, { written, rejected }: Applied): void {
  if (!rules.recheck) return;
  for (const [i, one] of rejected.entries()) rejected[i] = { ...one, ...winnerNow(store, one) };
  for (const [table, keys] of written) for (const key of keys) rejected.push(...removeDead(store, { table, key }));
}

/**
 * The same for keys where a delete found nothing, once every transaction has ended that was running then. One of them may
 * have inserted such a row and taken its commit time before the delete's, and been seen by nobody: neither a snapshot nor a
 * lock shows it to a delete. Until then the row is there for a moment; nothing else depends on it.
 */
export function recheckLater(
  { store, rules }: Context,
  deletes: Iterable<Remembered>,
  wasRunning: (version: Version) => boolean,
): Rejected[] {
  if (!rules.lateRecheck) return [];
  return [...deletes].flatMap((one) => [...removeDead(store, one), ...missed(store, one, wasRunning)]);
}

/** The row was inserted by one of those, and is newer than the delete: it is the delete that has lost. */
function missed(store: Store, { table, key, version }: Remembered, wasRunning: (of: Version) => boolean): Rejected[] {
  const winner = store.row(table, key)?.version;
  if (!winner || !isNewer(winner, version) || !wasRunning(winner)) return [];
  return [{ table, key, loser: version, winner, lostTo: 'newer row', row: null }];
}

/** A row that has a newer tombstone goes, and has lost to it. */
function removeDead(store: Store, { table, key }: Place): Rejected[] {
  const row = store.row(table, key);
  const tombstone = tombstoneOf(store, table, key);
  if (!row || !tombstone || !isDead(row, tombstone)) return [];
  store.removeRow(table, key);
  return [{ table, key, loser: row.version, winner: tombstone, lostTo: 'newer tombstone', row: row.row }];
}

function winnerNow(store: Store, { table, key, winner }: Rejected): Pick<Rejected, 'winner' | 'lostTo'> | undefined {
  const tombstone = tombstoneOf(store, table, key);
  if (tombstone && isNewer(tombstone, winner)) return { winner: tombstone, lostTo: 'newer tombstone' };
  const version = store.row(table, key)?.version;
  return version && isNewer(version, winner) ? { winner: version, lostTo: 'newer row' } : undefined;
}
