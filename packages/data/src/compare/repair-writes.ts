import { setTimeout as sleep } from 'node:timers/promises';
import { clockWait } from '../converge/index.ts';
import { matches } from './keys.ts';
import { identifier, qualified } from '../sql/index.ts';
import { micros, type NodeSession } from './node-session.ts';
import type { Key, KeyedTable } from './ranges.ts';
import type { NodeValue } from './report.ts';

export type Written = 'written again' | 'deleted';
type Result = { readonly what: Written } | { readonly why: string };

/** Resolves when what this node commits is newer than this commit time; gives why it never will be: so far ahead streams stop, too. */
export async function clockPast(session: NodeSession, time: number): Promise<string | undefined> {
  const [row] = await session.rows<{ now: string }>(`SELECT ${micros('clock_timestamp()')} AS now`);
  const { wait, refuse } = clockWait(time, Number(row?.now ?? 0));
  if (refuse) return `a version is ${String(Math.round(wait / 1e6))} s ahead of the clock of its node`;
  if (wait > 0) await sleep(Math.ceil(wait / 1000));
  return undefined;
}

const where = (table: KeyedTable): string => matches(table, (i) => `$${String(i + 1)}::text`);
const CHANGED = 'it was changed meanwhile';

/** Writes a row once more, as it is at that moment. */
export async function writeAgain(session: NodeSession, table: KeyedTable, key: Key): Promise<Result> {
  if (table.settable === undefined) return { why: 'Postgres makes all of its columns, so none can be written' };
  const column = identifier(table.settable);
  const sql = `UPDATE ONLY ${qualified(table)} t SET ${column} = t.${column} WHERE ${where(table)} RETURNING 1 AS done`;
  return (await session.change(table, sql, key)) > 0 ? { what: 'written again' } : { why: CHANGED };
}

/** Deletes a row, if it is still the one that was seen, and leaves the tombstone that a trigger leaves for a user. */
export async function deleteRow(session: NodeSession, table: KeyedTable, key: Key, seen: NodeValue): Promise<Result> {
  const count = key.length;
  const same = session.hasVersions ? ` AND ${session.versionText} = $${String(count + 1)}::text` : '';
  const sql = `DELETE FROM ONLY ${qualified(table)} t WHERE ${where(table)}${same} RETURNING 1 AS done`;
  const values = [...key, ...(session.hasVersions ? [versionText(seen)] : [])];
  const done = await session.change(
    table,
    sql,
    values,
    session.hasTombstones ? [bury(session), [qualified(table), JSON.stringify(key)]] : undefined,
  );
  return done > 0 ? { what: 'deleted' } : { why: CHANGED };
}

const bury = (session: NodeSession): string => `INSERT INTO windlass.tombstone (relation, key, time, node)
  SELECT $1::text::regclass, ${session.keyOf('$1::text::regclass', '$2::text')}, NULL, NULL
  ON CONFLICT (relation, key) DO UPDATE SET time = NULL, node = NULL`;

/** As `NodeSession.versionText` says it. */
const versionText = ({ version }: NodeValue): string =>
  version ? `${String(version.time)}/${String(version.node)}` : 'old';
