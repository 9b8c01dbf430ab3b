import { identifier, qualified } from '../sql/index.ts';
import { rowHash, SUMS, textsOf } from './sql.ts';
import type { NodeSession } from './node-session.ts';
import type { ComparedTable } from './tables.ts';

/** Values of the columns of a key, in order, as texts. */
export type Key = readonly string[];

/** Keys above `after` up to and with `upTo`; null: no bound. */
export interface Range {
  readonly after: Key | null;
  readonly upTo: Key | null;
}

export interface Sums {
  readonly rows: number;
  /** Equal for the same rows. */
  readonly sums: string;
}

export interface HashedKey {
  readonly key: Key;
  /** Of the row, hex. */
  readonly hash: string;
}

/** A table with a key. Only of one that is `sorted` there are ranges. */
export type KeyedTable = ComparedTable & { readonly key: NonNullable<ComparedTable['key']> };

interface Condition {
  readonly sql: string;
  readonly values: readonly string[];
}

const keyNames = (table: KeyedTable): readonly string[] => table.key.map(({ name }) => name);
const columns = (table: KeyedTable): string =>
  keyNames(table)
    .map((name) => `t.${identifier(name)}`)
    .join(', ');

function within(table: KeyedTable, { after, upTo }: Range): Condition {
  const values = [...(after ?? []), ...(upTo ?? [])];
  const placed = (from: number): string =>
    table.key.map(({ type }, i) => `$${String(from + i + 1)}::${type}`).join(', ');
  const lower = after ? [`(${columns(table)}) > (${placed(0)})`] : [];
  const upper = upTo ? [`(${columns(table)}) <= (${placed(after?.length ?? 0)})`] : [];
  return { sql: [...lower, ...upper].join(' AND ') || 'true', values };
}

/** What a node has in a range. */
export async function sumsOf(
  session: NodeSession,
  table: KeyedTable,
  range: Range,
  version: string | undefined,
): Promise<Sums> {
  const { sql, values } = within(table, range);
  const rows = `SELECT ${rowHash(table, version)} AS h FROM ONLY ${qualified(table)} t WHERE ${sql}`;
  const [sums] = await session.rowsOf<Sums>(table, `SELECT ${SUMS} FROM (${rows}) s`, values);
  return sums ?? { rows: 0, sums: '' };
}

/** The key of the `count`-th row of a range; null when there are not so many. */
export async function keyAt(session: NodeSession, table: KeyedTable, range: Range, count: number): Promise<Key | null> {
  const { sql, values } = within(table, range);
  const [row] = await session.rowsOf<{ key: Key }>(
    table,
    `SELECT ${textsOf(keyNames(table))} AS key FROM ONLY ${qualified(table)} t WHERE ${sql}
      ORDER BY ${columns(table)} OFFSET ${String(count - 1)} LIMIT 1`,
    values,
  );
  return row?.key ?? null;
}

/** Each `step`-th key of a range. */
export async function everyNthKey(
  session: NodeSession,
  table: KeyedTable,
  range: Range,
  step: number,
): Promise<readonly Key[]> {
  const { sql, values } = within(table, range);
  const numbered = `SELECT ${textsOf(keyNames(table))} AS key, row_number() OVER (ORDER BY ${columns(table)}) AS n
    FROM ONLY ${qualified(table)} t WHERE ${sql}`;
  const rows = await session.rowsOf<{ key: Key }>(
    table,
    `SELECT key FROM (${numbered}) s WHERE n % ${String(step)} = 0 ORDER BY n`,
    values,
  );
  return rows.map(({ key }) => key);
}

/** Every key of a range, with the hash of its row. */
export function hashedKeys(
  session: NodeSession,
  table: KeyedTable,
  range: Range,
  version: string | undefined,
): Promise<readonly HashedKey[]> {
  const { sql, values } = within(table, range);
  return session.rowsOf<HashedKey>(
    table,
    `SELECT ${textsOf(keyNames(table))} AS key, encode(${rowHash(table, version)}, 'hex') AS hash
      FROM ONLY ${qualified(table)} t WHERE ${sql}`,
    values,
  );
}

/** A range in parts: up to each of these keys, and what is above the last. */
export function cut(range: Range, keys: readonly Key[]): readonly Range[] {
  const inner = keys.filter((key) => JSON.stringify(key) !== JSON.stringify(range.upTo));
  const bounds = [range.after, ...inner, range.upTo];
  return bounds.slice(1).map((upTo, i) => ({ after: bounds[i] ?? null, upTo }));
}
