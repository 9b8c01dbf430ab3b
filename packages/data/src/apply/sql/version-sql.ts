import { literal } from '../../sql/index.ts';

/** The number of each node by the id of its replication origin here. */
export type OriginIds = ReadonlyMap<number, number>;

/** Until when what has no origin was committed by another node: this one began as a copy of it. */
export interface Copied {
  /** As Postgres reads it. */
  readonly until: string;
  readonly node: number;
}

/** `$1` is the commit time of the transaction that is applied, `$2` the number of its node. */
export const ARRIVING = { time: '$1::timestamptz', node: '$2::int' };

/** SQL for the version of what a transaction wrote, from the `xmin` of it; NULL where Postgres has forgotten it. */
export interface VersionSql {
  /** The number of this node. */
  readonly me: number;
  readonly time: (xmin: string) => string;
  readonly node: (xmin: string) => string;
}

/**
 * Which node an origin stands for is written into the statement: no look-up for each row. An origin that is none of ours is older
 * than each node where times are equal.
 */
export function versionSql(me: number, origins: OriginIds, copied: readonly Copied[] = []): VersionSql {
  const cases = [...origins].map(([id, node]) => `WHEN ${String(id)} THEN ${String(node)}`).join(' ');
  const own = copied.map(
    ({ until, node }) => `WHEN v.timestamp <= ${literal(until)}::timestamptz THEN ${String(node)}`,
  );
  const here = own.length > 0 ? `CASE ${own.join(' ')} ELSE ${String(me)} END` : String(me);
  return {
    me,
    time: (xmin) => `pg_catalog.pg_xact_commit_timestamp(${xmin})`,
    node: (xmin) =>
      `(SELECT CASE v.roident WHEN 0 THEN ${here} ${cases} ELSE 0 END FROM pg_catalog.pg_xact_commit_timestamp_origin(${xmin}) v)`,
  };
}

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
