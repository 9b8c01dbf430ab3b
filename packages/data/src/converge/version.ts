/**
 * The version of a row, of a tombstone, of a transaction: when it was committed, and on which node. It is what Postgres
 * says itself with `track_commit_timestamp`: `pg_xact_commit_timestamp_origin(xmin)`.
 */
export interface Version {
  /** Microseconds since 1970, by the clock of the node that committed. */
  readonly time: number;
  /** The number of that node; a number is never given twice. */
  readonly node: number;
}

/** What Postgres says of a row that is frozen, or older than the store of commit times: nothing. Such a row is the oldest. */
export type KnownVersion = Version | null;

/** Below 0 when `a` is older. The order is total: by time, and of equal times by node. */
export function compareVersions(a: KnownVersion, b: KnownVersion): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a.time - b.time || a.node - b.node;
}

export function isNewer(a: KnownVersion, b: KnownVersion): boolean {
  return compareVersions(a, b) > 0;
}

/** The newer one of what there is. */
export function newest(...versions: readonly (Version | undefined)[]): Version | undefined {
  return versions.reduce((best, one) => (one && (!best || isNewer(one, best)) ? one : best), undefined);
}
