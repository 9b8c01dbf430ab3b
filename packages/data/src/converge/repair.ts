import type { Row } from './table.ts';
import { isNewer, type KnownVersion } from './version.ts';

/** What a node has of a key: a row, or a tombstone. */
export interface Had {
  readonly version: KnownVersion;
  readonly row: Row | null;
}

/** What a node does about a key of which another node has something else. */
export type Repair = 'keep' | 'take' | 'remove';

/** Whether a node has applied what has this version. */
export type HasApplied = (version: KnownVersion) => boolean;

/**
 * What no stream will bring any more, because its node is gone, is found by comparing. The newer of two wins, as ever. Where only one has a row,
 * the other either never had it or has deleted it and forgotten the tombstone; which, its progress says.
 */
export function repairOf(
  mine: Had | undefined,
  theirs: Had | undefined,
  applied: { readonly here: HasApplied; readonly there: HasApplied },
): Repair {
  if (mine && theirs) return isNewer(theirs.version, mine.version) ? 'take' : 'keep';
  if (mine) return mine.row && applied.there(mine.version) ? 'remove' : 'keep';
  return theirs && !(theirs.row && applied.here(theirs.version)) ? 'take' : 'keep';
}

/** A node has its own, and of others what is not newer than the last it applied of them. What is frozen all have had. */
export function hasApplied(me: number, arrived: (node: number) => number | undefined): HasApplied {
  return (version) => version === null || version.node === me || version.time <= (arrived(version.node) ?? -Infinity);
}
