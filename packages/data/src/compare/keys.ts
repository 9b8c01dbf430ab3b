import { identifier, qualified } from '../sql/index.ts';
import { outputOf, rowHash } from './sql.ts';
import type { NodeValue } from './report.ts';
import { micros, type NodeSession } from './node-session.ts';
import type { Key, KeyedTable } from './ranges.ts';

interface FoundKey {
  readonly n: number;
  readonly hash: string | null;
  readonly time: string | null;
  readonly node: number | null;
}

/** The key is found by its index where all nodes sort it alike, else by its text. `textOf`: the text of its i-th column. */
export function matches(table: KeyedTable, textOf: (i: number) => string): string {
  const pairs = table.key.map(({ name, type }, i) => {
    const asked = textOf(i);
    return table.sorted ? `t.${identifier(name)} = ${asked}::${type}` : `${outputOf(name)} = ${asked}`;
  });
  return pairs.join(' AND ');
}

/** What a node has of each of these keys, in their order. */
export async function valuesOfKeys(
  session: NodeSession,
  table: KeyedTable,
  keys: readonly Key[],
): Promise<readonly NodeValue[]> {
  const names = table.key.map((_, i) => `k${String(i)}`);
  const arrays = names.map((_, i) => `$${String(i + 1)}::text[]`).join(', ');
  const version = session.hasVersions
    ? `${micros('v."timestamp"')} AS time, ${session.nodeOf('v')} AS node`
    : 'NULL::text AS time, NULL::int AS node';
  const found = await session.rowsOf<FoundKey>(
    table,
    `SELECT i.n::int AS n, encode(${rowHash(table)}, 'hex') AS hash, ${version}
      FROM unnest(${arrays}) WITH ORDINALITY i(${names.join(', ')}, n)
      JOIN ONLY ${qualified(table)} t ON ${matches(table, (i) => `i.k${String(i)}`)}
      ${session.hasVersions ? 'LEFT JOIN LATERAL pg_xact_commit_timestamp_origin(t.xmin) v ON true' : ''}`,
    table.key.map((_, i) => keys.map((key) => key[i])),
  );
  const gone = session.hasVersions && session.hasTombstones ? await tombstonesOf(session, table, keys) : [];
  const byPlace = new Map([...gone, ...found].map((one) => [one.n, one]));
  return keys.map((_, i) => valueOf(session, byPlace.get(i + 1)));
}

/** Versions of tombstones: without them a key that comes and goes looks as if it had stayed. One that has no version written into it is of this node. */
function tombstonesOf(session: NodeSession, table: KeyedTable, keys: readonly Key[]): Promise<readonly FoundKey[]> {
  return session.rows<FoundKey>(
    `SELECT i.n::int AS n, NULL AS hash, ${micros('coalesce(b.time, pg_xact_commit_timestamp(b.xmin))')} AS time,
      coalesce(b.node, ${String(session.node.number)}) AS node
      FROM unnest($1::text[]) WITH ORDINALITY i(key, n) JOIN windlass.tombstone b
      ON b.key = ${session.keyOf('$2::text::regclass', 'i.key')} AND b.relation = $2::text::regclass`,
    [keys.map((key) => JSON.stringify(key)), qualified(table)],
  );
}

function valueOf(session: NodeSession, found: FoundKey | undefined): NodeValue {
  const value = { node: session.node.number, hash: found?.hash ?? null };
  if (!session.hasVersions || !found) return value;
  if (found.time !== null && found.node !== null)
    return { ...value, version: { time: Number(found.time), node: found.node } };
  return value.hash === null ? value : { ...value, version: null };
}
