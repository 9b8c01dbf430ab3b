import { nodeOf, type Origins } from '../../sql/index.ts';

/** `$1` is the commit time of the transaction that is applied, `$2` the number of its node. */
export const ARRIVING = { time: '$1::timestamptz', node: '$2::int' };

/** SQL for the version of what a transaction wrote, from the `xmin` of it; NULL where Postgres has forgotten it. */
export interface VersionSql {
  /** The number of this node. */
  readonly me: number;
  readonly time: (xmin: string) => string;
  readonly node: (xmin: string) => string;
}

export const versionSql = (origins: Origins): VersionSql => ({
  me: origins.me,
  time: (xmin) => `pg_catalog.pg_xact_commit_timestamp(${xmin})`,
  node: (xmin) => `(SELECT ${nodeOf(origins, 'v')} FROM pg_catalog.pg_xact_commit_timestamp_origin(${xmin}) v)`,
});

/** True where the row is newer than what arrives. What this transaction wrote itself has no version yet, and is not. */
export function rowIsNewer(versions: VersionSql, row: string): string {
  const [time, node] = [versions.time(`${row}.xmin`), versions.node(`${row}.xmin`)];
  return newer(time, node);
}

/** The version of a tombstone: written there, or that of the local transaction that left it. */
export function tombstoneTime(versions: VersionSql, of: string): string {
  return `coalesce(${of}.time, ${versions.time(`${of}.xmin`)})`;
}

export const tombstoneNode = ({ me }: VersionSql, of: string): string => `coalesce(${of}.node, ${String(me)})`;

export function tombstoneIsNewer(versions: VersionSql, of: string): string {
  return newer(tombstoneTime(versions, of), tombstoneNode(versions, of));
}

const newer = (time: string, node: string): string =>
  `coalesce(${time} > ${ARRIVING.time} OR (${time} = ${ARRIVING.time} AND ${node} > ${ARRIVING.node}), false)`;
