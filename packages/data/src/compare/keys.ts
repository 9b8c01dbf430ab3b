import { identifier, qualified } from '../sql/index.ts';
import { outputOf, rowHash } from './sql.ts';
import type { NodeValue } from './report.ts';
import { micros, type NodeSession } from './node-session.ts';
import type { Key, SortedTable } from './ranges.ts';

interface FoundKey {
  readonly n: number;
  readonly hash: string | null;
  readonly time: string | null;
  readonly node: number | null;
}

/** The key is found by its index where all nodes sort it alike, else by its text. `textOf`: the text of its i-th column. */
export function matches(table: SortedTable, textOf: (i: number) => string): string {
  const pairs = table.key.map(({ name, type }, i) => {
    const asked = textOf(i);
    return table.sorted ? `t.${identifier(name)} = ${asked}::${type}` : `${outputOf(name)} = ${asked}`;
  });
  return pairs.join(' AND ');
}

/** Versions of rows; where there is no row, of the tombstone: without it a key that comes and goes looks as if it had stayed. */
function versionParts(session: NodeSession, keyCount: number): { readonly columns: string; readonly joins: string } {
  if (!session.hasVersions) return { columns: `NULL AS time, NULL::int AS node`, joins: '' };
  const row = `LEFT JOIN LATERAL pg_xact_commit_timestamp_origin(t.xmin) v ON true`;
  if (!session.hasTombstones)
    return {
      columns: `${micros('v."timestamp"')} AS time, ${session.nodeOf('v')} AS node`,
      joins: row,
    };
  const tombstone = `LEFT JOIN windlass.tombstone b ON num_nulls(t.tableoid) = 1 AND b.key = i.tombstone
    AND b.relation = $${String(keyCount + 2)}::text::regclass
    LEFT JOIN LATERAL pg_xact_commit_timestamp_origin(b.xmin) w ON true`;
  const time = `coalesce(v."timestamp", b.time, w."timestamp")`;
  const node = `CASE WHEN num_nulls(t.tableoid) = 0 THEN ${session.nodeOf('v')} ELSE coalesce(b.node, ${session.nodeOf('w')}) END`;
  return { columns: `${micros(time)} AS time, ${node} AS node`, joins: `${row} ${tombstone}` };
}

/** What a node has of each of these keys, in their order. */
export async function valuesOfKeys(
  session: NodeSession,
  table: SortedTable,
  keys: readonly Key[],
): Promise<readonly NodeValue[]> {
  const count = table.key.length;
  const { columns, joins } = versionParts(session, count);
  const names = [...table.key.map((_, i) => `k${String(i)}`), 'tombstone'];
  const arrays = names.map((_, i) => `$${String(i + 1)}::text[]`).join(', ');
  const hash = `CASE WHEN num_nulls(t.tableoid) = 0 THEN encode(${rowHash(table)}, 'hex') END`;
  const found = await session.rows<FoundKey>(
    `SELECT i.n::int AS n, ${hash} AS hash, ${columns} FROM unnest(${arrays}) WITH ORDINALITY i(${names.join(', ')}, n)
      LEFT JOIN ONLY ${qualified(table)} t ON ${matches(table, (i) => `i.k${String(i)}`)} ${joins}`,
    [
      ...table.key.map((_, i) => keys.map((key) => key[i])),
      keys.map((key) => JSON.stringify(key)),
      ...(session.hasVersions && session.hasTombstones ? [qualified(table)] : []),
    ],
  );
  const byPlace = new Map(found.map((one) => [one.n, one]));
  return keys.map((_, i) => valueOf(session, byPlace.get(i + 1)));
}

function valueOf(session: NodeSession, found: FoundKey | undefined): NodeValue {
  const value = { node: session.node.number, hash: found?.hash ?? null };
  if (!session.hasVersions || !found) return value;
  if (found.time !== null && found.node !== null)
    return { ...value, version: { time: Number(found.time), node: found.node } };
  return value.hash === null ? value : { ...value, version: null };
}
