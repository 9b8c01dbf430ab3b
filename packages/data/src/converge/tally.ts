import type { Row } from './table.ts';
import { compareVersions, isNewer, type Version } from './version.ts';

/** What one transaction did to the number of rows with one content. */
interface Count {
  readonly version: Version;
  readonly by: number;
}

/**
 * How many equal rows a table without a key has: what was certain, and what was done since, oldest first. The number is
 * what one gets by doing it in the order of versions, where nothing is deleted that is not there.
 */
export interface Tally {
  readonly row: Row;
  readonly certain: number;
  readonly since: readonly Count[];
}

export function numberOf(tally: Tally): number {
  return tally.since.reduce((number, { by }) => Math.max(0, number + by), tally.certain);
}

/** With one more, or one less, at its place in the order. One transaction is one entry. */
export function counted(tally: Tally, version: Version, by: number): Tally {
  const same = tally.since.find((one) => compareVersions(one.version, version) === 0);
  const others = tally.since.filter((one) => one !== same);
  const all = [...others, { version, by: (same?.by ?? 0) + by }];
  return { ...tally, since: all.sort((a, b) => compareVersions(a.version, b.version)) };
}

/** After a TRUNCATE: only what is newer counts. What the same transaction did before it does not. */
export function emptied(tally: Tally, truncate: Version): Tally {
  return { ...tally, certain: 0, since: tally.since.filter(({ version }) => isNewer(version, truncate)) };
}

/** What nothing can come before any more becomes certain. */
export function settled(tally: Tally, horizon: number): Tally {
  const past = tally.since.filter(({ version }) => version.time < horizon);
  if (past.length === 0) return tally;
  return { ...tally, certain: numberOf({ ...tally, since: past }), since: tally.since.slice(past.length) };
}
