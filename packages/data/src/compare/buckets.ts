import { identifier, qualified } from '../sql/index.ts';
import { bucketOf, outputOf, given, rowHash, SUMS, textsOf } from './sql.ts';
import type { NodeSession } from './node-session.ts';
import type { HashedKey, Sums } from './ranges.ts';
import type { ComparedTable } from './tables.ts';

/** What a node has in each bucket; a bucket without rows is left out. `only`: of these. One reading of the whole table. */
export async function bucketSums(
  session: NodeSession,
  table: ComparedTable,
  only: readonly number[] | undefined,
  version: string | undefined,
): Promise<ReadonlyMap<number, Sums>> {
  const inner = `SELECT ${rowHash(table, version)} AS h, ${bucketOf(table)} AS bucket FROM ONLY ${qualified(table)} t`;
  const rows = await session.rowsOf<Sums & { bucket: number }>(
    table,
    `SELECT bucket, ${SUMS} FROM (${inner}) s ${only ? 'WHERE bucket = ANY ($1::int[])' : ''} GROUP BY bucket`,
    only ? [only] : [],
  );
  return new Map(rows.map(({ bucket, ...sums }) => [bucket, sums]));
}

/** Every key of these buckets, with the hash of its row. */
export function keysOfBuckets(
  session: NodeSession,
  table: ComparedTable,
  buckets: readonly number[],
  version: string | undefined,
): Promise<readonly HashedKey[]> {
  const key = textsOf((table.key ?? []).map(({ name }) => name));
  return session.rowsOf<HashedKey>(
    table,
    `SELECT ${key} AS key, encode(${rowHash(table, version)}, 'hex') AS hash FROM ONLY ${qualified(table)} t
      WHERE ${bucketOf(table)} = ANY ($1::int[])`,
    [buckets],
  );
}

/** How often each row is there, by its hash, of these buckets. */
export async function countsOfBuckets(
  session: NodeSession,
  table: ComparedTable,
  buckets: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await session.rowsOf<{ hash: string; rows: number }>(
    table,
    `SELECT hash, count(*)::int AS rows FROM (SELECT encode(${rowHash(table)}, 'hex') AS hash FROM ONLY ${qualified(table)} t
      WHERE ${bucketOf(table)} = ANY ($1::int[])) s GROUP BY hash`,
    [buckets],
  );
  return new Map(rows.map(({ hash, rows: count }) => [hash, count]));
}

/** The rows with these hashes, to be shown: each value cut after 200 characters. */
export async function rowsWithHashes(
  session: NodeSession,
  table: ComparedTable,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string | null>>>> {
  const shown = table.columns.map(
    (one) => `CASE WHEN ${given(one)} THEN left(${outputOf(one)}, 200) END AS ${identifier(one)}`,
  );
  const rows = await session.rowsOf<{ hash: string; row: Record<string, string | null> }>(
    table,
    `SELECT DISTINCT ON (x.hash) x.hash, row_to_json(r) AS row FROM ONLY ${qualified(table)} t,
      LATERAL (SELECT encode(${rowHash(table)}, 'hex') AS hash) x, LATERAL (SELECT ${shown.join(', ')}) r
      WHERE x.hash = ANY ($1::text[]) ORDER BY x.hash`,
    [hashes],
  );
  return new Map(rows.map(({ hash, row }) => [hash, row]));
}
