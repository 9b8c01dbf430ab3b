import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { UNCHANGED, type Xid } from '../source/postgres/index.ts';
import type { Plan, Arrived } from './plan.ts';
import type { ArrivingVersion, Run } from './run.ts';
import { outputSql, readTexts, textsSql } from './sql/output.ts';
import { hasValues } from './sql/statements.ts';
import { asOwner, asStatements, identifier, nodeOfName, TEXT_SETTINGS } from '../sql/index.ts';

/** What text values look like must be what it is in the stream. */
const STYLES = asStatements(TEXT_SETTINGS);
const styled = new WeakSet<pg.ClientBase>();
/** How often it is looked whether a transaction can be seen at its sender, in ms. */
const LOOK_MS = 20;

export interface Question {
  readonly run: Run;
  readonly version: ArrivingVersion;
  /** The transaction at its sender. */
  readonly xid: Xid;
}

/**
 * Whether the statement sees the transaction. It is sent as soon as it is in the WAL, and seen only when the sender's standbys have it. The number
 * that arrived has 32 bits; the rest is that of the newest one.
 */
const SEEN = `SELECT pg_catalog.pg_visible_in_snapshot((CASE WHEN f > m THEN f - 4294967296 ELSE f END)::text::xid8, s) AS seen
  FROM (SELECT s, m, (m & ~4294967295::bigint) | $1::bigint AS f
    FROM (SELECT s, pg_catalog.pg_snapshot_xmax(s)::text::bigint AS m FROM pg_catalog.pg_current_snapshot() s) a) b`;

/**
 * Asks the sender for the rows that lack a value, and fills them in where it has them with the version that arrived, or so old that they have none. Where
 * it has a newer one, or none, something newer is on its way: the row is left out.
 */
export async function askSender(client: pg.ClientBase, { run, version, xid }: Question): Promise<void> {
  if (!styled.has(client)) await client.query(STYLES);
  styled.add(client);
  while (!(await isSeen(client, xid))) await sleep(LOOK_MS);
  await asOwner(client, run.plan.table.name, async (read) => {
    for (const key of run.incomplete) {
      const values = (run.rows.get(key) ?? []).slice(0, run.plan.table.key.length) as (string | null)[];
      const rows = await read(rowSql(run.plan, version.node), [...values, version.time, String(version.node)]);
      fill(run, key, readTexts(rows.map((text) => [text]))[0]);
    }
  });
}

async function isSeen(client: pg.ClientBase, xid: Xid): Promise<boolean> {
  const { rows } = await client.query<{ seen: boolean }>(SEEN, [String(xid)]);
  return rows[0]?.seen === true;
}

/** The row at the sender, unless it is newer than what arrived. Its origins have numbers of their own there. */
function rowSql({ table, written }: Plan, sender: number): string {
  const count = table.key.length;
  const keys = table.key.map((name, i) => `t.${identifier(name)} = $${String(i + 1)}`).join(' AND ');
  const [time, node] = [`$${String(count + 1)}::timestamptz`, `$${String(count + 2)}::int`];
  const from = `coalesce((SELECT ${nodeOfName('o.roname')} FROM pg_catalog.pg_replication_origin o
    WHERE o.roident = v.roident), CASE v.roident WHEN 0 THEN ${String(sender)} ELSE 0 END)`;
  return `SELECT ${textsSql(written.map(({ name }) => outputSql(`t.${identifier(name)}`)))}
    FROM ${table.name} t, LATERAL pg_catalog.pg_xact_commit_timestamp_origin(t.xmin) v
    WHERE ${keys} AND NOT coalesce(v.timestamp > ${time} OR (v.timestamp = ${time} AND ${from} > ${node}), false)`;
}

function fill(run: Run, key: string, asked: readonly Arrived[] | undefined): void {
  const values = run.rows.get(key);
  if (values && asked)
    run.rows.set(
      key,
      values.map((value, i) => (value === UNCHANGED ? (asked[i] ?? null) : value)),
    );
  else run.rows.delete(key);
}

/** The statement for rows that this transaction has written before: those are what the sender changed. */
export function ownRowSql({ table, written }: Plan): string {
  return `SELECT ${textsSql(written.map(({ name }) => outputSql(`t.${identifier(name)}`)))} FROM ${table.name} t
    WHERE ${hasValues(table, table.key)} AND t.xmin = pg_catalog.pg_current_xact_id()::xid`;
}

/** Fills a row in from what `ownRowSql` answered; nothing, when it was not written before. */
export function fillFromOwn(run: Run, key: string, row: readonly (string | null)[] | undefined): void {
  if (row) fill(run, key, row);
}
