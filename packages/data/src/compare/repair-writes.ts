import { setTimeout as sleep } from 'node:timers/promises';
import { matches } from './keys.ts';
import { identifier, qualified } from '../sql/index.ts';
import type { NodeSession } from './node-session.ts';
import type { Key, SortedTable } from './ranges.ts';
import type { NodeValue } from './report.ts';

export type Written = 'written again' | 'deleted';
type Result = { readonly what: Written } | { readonly why: string };

/** A version that is further ahead of a node's clock than this is not waited for, in ms: the limit at which streams stop. */
const AHEAD_MS = 10_000;
const MICROS = 1000;

/** Resolves when what this node commits is newer than this commit time; gives why it never will be. */
async function clockPast(session: NodeSession, time: number): Promise<string | undefined> {
  const [row] = await session.rows<{ now: string }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS now`,
  );
  const aheadMs = (time - Number(row?.now ?? 0)) / MICROS;
  if (aheadMs > AHEAD_MS) return `a version is ${String(Math.round(aheadMs / 1000))} s ahead of the clock of its node`;
  if (aheadMs >= 0) await sleep(aheadMs + 1);
  return undefined;
}

const where = (table: SortedTable): string => matches(table, (i) => `$${String(i + 1)}::text`);
const CHANGED = 'it was changed meanwhile';

/** Writes a row once more, as it is at that moment. */
export async function writeAgain(
  session: NodeSession,
  table: SortedTable,
  key: Key,
  _seen: NodeValue,
  newest: number,
): Promise<Result> {
  if (table.settable === undefined) return { why: 'Postgres makes all of its columns, so none can be written' };
  const late = await clockPast(session, newest);
  if (late !== undefined) return { why: late };
  const column = identifier(table.settable);
  const sql = `UPDATE ONLY ${qualified(table)} t SET ${column} = t.${column} WHERE ${where(table)} RETURNING 1 AS done`;
  return (await session.rows(sql, key)).length > 0 ? { what: 'written again' } : { why: CHANGED };
}

/** Deletes a row, if it is still the one that was seen, and leaves the tombstone that a trigger leaves for a user. */
export async function deleteRow(
  session: NodeSession,
  table: SortedTable,
  key: Key,
  seen: NodeValue,
  newest: number,
): Promise<Result> {
  const late = await clockPast(session, newest);
  if (late !== undefined) return { why: late };
  const count = key.length;
  const same = session.hasVersions ? ` AND ${session.versionText} = $${String(count + 1)}::text` : '';
  const deleted = `DELETE FROM ONLY ${qualified(table)} t WHERE ${where(table)}${same} RETURNING 1 AS done`;
  const values = [...key, ...(session.hasVersions ? [versionText(seen)] : [])];
  if (!session.hasTombstones) return doneOr(await session.rows(deleted, values));
  const sql = `WITH deleted AS (${deleted}) INSERT INTO windlass.tombstone (relation, key, time, node)
    SELECT $${String(values.length + 1)}::text::regclass, $${String(values.length + 2)}::text, NULL, NULL FROM deleted
    ON CONFLICT (relation, key) DO UPDATE SET time = NULL, node = NULL RETURNING 1 AS done`;
  return doneOr(await session.rows(sql, [...values, qualified(table), JSON.stringify(key)]));
}

const doneOr = (rows: readonly object[]): Result => (rows.length > 0 ? { what: 'deleted' } : { why: CHANGED });

/** As `NodeSession.versionText` says it. */
const versionText = ({ version }: NodeValue): string =>
  version ? `${String(version.time)}/${String(version.node)}` : 'old';
