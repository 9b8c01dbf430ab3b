import type pg from 'pg';
import { FORGET_MARGIN, settled, type Tally } from '../converge/index.ts';
import { inTransaction } from './in-transaction.ts';
import { pagesOf } from './settle.ts';

/** So many pages, or tallies, are one transaction. */
const PAGES = 64;
const TALLIES = 500;

/** Microseconds since 1970 as a time. */
const TIME = `(timestamptz 'epoch' + $1::bigint * interval '1 microsecond')`;
const NO_TABLE = (of: string): string => `NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = ${of}.relation)`;

const TOMBSTONES = `DELETE FROM windlass.tombstone t WHERE t.ctid = ANY (ARRAY(SELECT d.ctid FROM windlass.tombstone d
  WHERE d.ctid >= pg_catalog.format('(%s,0)', $2::bigint)::tid AND d.ctid < pg_catalog.format('(%s,0)', $3::bigint)::tid
  AND (d.time < ${TIME} OR ${NO_TABLE('d')}) FOR UPDATE SKIP LOCKED)) AND (t.time < ${TIME} OR ${NO_TABLE('t')})`;
const TABLE_TOMBSTONES = `DELETE FROM windlass.table_tombstone t WHERE t.time < ${TIME} OR ${NO_TABLE('t')}`;
/** DDL of each node but the last, which says how far that node's has arrived. */
const DDL = `DELETE FROM windlass.ddl_log l WHERE coalesce(l."time", l.at) < ${TIME}
  AND EXISTS (SELECT FROM windlass.ddl_log n WHERE n.node = l.node AND n.id > l.id)`;
const OF_GONE_TABLES = ['parked', 'tally', 'tally_entry', 'late_recheck', 'code_change'].map(
  (table) => `DELETE FROM windlass.${table} t WHERE t.relation <> 0 AND ${NO_TABLE('t')}`,
);

/** Tallies of which something is older; all of one batch are locked by the lock of their table. */
const OLD_TALLIES = `SELECT t.ctid::text AS place, t.certain::text, t.since FROM windlass.tally t
  WHERE (t.since->0->>'time')::bigint < $1::bigint LIMIT ${String(TALLIES)}`;

/**
 * Forgets what can decide nothing any more: what is older than the horizon (microseconds since 1970; `horizonOf` of the rules), with the margin of the
 * rules, and what was of tables that are not there any more. In small transactions; the session must not be in one. Says how many tombstones went.
 */
export async function forget(client: pg.ClientBase, horizon: number): Promise<number> {
  const before = horizon - FORGET_MARGIN;
  if (!Number.isFinite(before)) return 0;
  let gone = 0;
  const pages = await pagesOf(client);
  for (let first = 0; first < pages; first += PAGES)
    gone += (await client.query(TOMBSTONES, [before, first, first + PAGES])).rowCount ?? 0;
  gone += (await client.query(TABLE_TOMBSTONES, [before])).rowCount ?? 0;
  await client.query(DDL, [before]);
  for (const text of OF_GONE_TABLES) await client.query(text);
  while ((await settleTallies(client, before)) === TALLIES);
  return gone;
}

interface StoredTally {
  readonly place: string;
  /** NULL: what the table has, less what is counted since. */
  readonly certain: string | null;
  readonly since: readonly { readonly time: number; readonly node: number; readonly by: number }[];
}

const settleTallies = (client: pg.ClientBase, before: number): Promise<number> =>
  inTransaction(client, 'LOCK TABLE windlass.tally IN SHARE ROW EXCLUSIVE MODE', async () => {
    const { rows } = await client.query<StoredTally>(OLD_TALLIES, [before]);
    for (const row of rows) await store(client, row.place, certainOf(row, before));
    return rows.length;
  });

/** By the rule. Where nothing but certainty is left, the rows of the table say it. */
function certainOf({ certain, since }: StoredTally, before: number): Tally {
  const counts = since.map(({ time, node, by }) => ({ version: { time, node }, by }));
  return settled({ row: {}, certain: Number(certain ?? 0), since: counts }, before);
}

async function store(client: pg.ClientBase, place: string, { certain, since }: Tally): Promise<void> {
  if (since.length === 0) {
    await client.query('DELETE FROM windlass.tally WHERE ctid = $1::tid', [place]);
    return;
  }
  const counts = since.map(({ version: { time, node }, by }) => ({ time, node, by }));
  await client.query(
    `UPDATE windlass.tally SET since = $2::jsonb, certain = CASE WHEN certain IS NOT NULL THEN $3::bigint END WHERE ctid = $1::tid`,
    [place, JSON.stringify(counts), certain],
  );
}
