import type { StoredRow } from './store.ts';
import { isNewer, type Version } from './version.ts';

/** What is there for a key when a change of it arrives. What has the same version comes from earlier in the same transaction. */
export type There = 'nothing' | 'row, not newer' | 'newer row' | 'tombstone, not newer' | 'newer tombstone';
export type Arriving = 'row' | 'delete' | 'truncate';

/** `write`: the row as it arrived. `remove`: the row, leaving a tombstone. `remember`: only a tombstone. `keep`: nothing. */
export type Action = 'write' | 'remove' | 'remember' | 'keep';

export interface Decision {
  readonly action: Action;
  /** The change is rejected, and that is a conflict: two nodes wanted different things. */
  readonly conflict: boolean;
}

const does = (action: Action): Decision => ({ action, conflict: false });
const REJECTED: Decision = { action: 'keep', conflict: true };

/**
 * The whole of it: what is there × what arrives. Two changes that both delete do not contradict each other; and a TRUNCATE that finds a newer row has
 * done what it was for. (Its own tombstone is of the table, so for keys without a row there is nothing to do.)
 */
export const DECISIONS: Readonly<Record<There, Readonly<Record<Arriving, Decision>>>> = {
  nothing: { row: does('write'), delete: does('remember'), truncate: does('keep') },
  'row, not newer': { row: does('write'), delete: does('remove'), truncate: does('remove') },
  'newer row': { row: REJECTED, delete: REJECTED, truncate: does('keep') },
  'tombstone, not newer': { row: does('write'), delete: does('remember'), truncate: does('keep') },
  'newer tombstone': { row: REJECTED, delete: does('keep'), truncate: does('keep') },
};

/**
 * A row that has a newer tombstone. Of equal versions the row counts: the transaction wrote it after its delete. A row whose
 * version is forgotten is still there, so it was newer than every tombstone that is kept of it.
 */
export function isDead(row: StoredRow, tombstone: Version | undefined, newer = isNewer): boolean {
  return row.version !== null && tombstone !== undefined && newer(tombstone, row.version);
}

/** Of a row and a tombstone the newer counts. */
export function whatIsThere(
  row: StoredRow | undefined,
  tombstone: Version | undefined,
  arriving: Version,
  newer: typeof isNewer,
): There {
  if (row && !isDead(row, tombstone, newer)) return newer(row.version, arriving) ? 'newer row' : 'row, not newer';
  if (!tombstone) return 'nothing';
  return newer(tombstone, arriving) ? 'newer tombstone' : 'tombstone, not newer';
}
