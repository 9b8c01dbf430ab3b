import type { Change } from './change.ts';
import type { Rules } from './rules.ts';
import { contentOf, keyOf, UNCHANGED, type ReceivedRow, type Row, type Table } from './table.ts';

/** What a change does to one row, one count of equal rows, or one table. Every change comes down to these four. */
export type Effect =
  | {
      readonly kind: 'row';
      readonly table: string;
      readonly key: string;
      readonly row: ReceivedRow;
      readonly from: 'insert' | 'update';
    }
  | { readonly kind: 'delete'; readonly table: string; readonly key: string }
  | { readonly kind: 'count'; readonly table: string; readonly row: Row; readonly content: string; readonly by: 1 | -1 }
  | { readonly kind: 'truncate'; readonly table: string };

export function effectsOf(change: Change, tableOf: (name: string) => Table, rules: Rules): Effect[] {
  if (change.kind === 'truncate') return change.tables.map((table) => ({ kind: 'truncate', table }));
  const table = tableOf(change.table);
  return table.key.length === 0 ? counted(table, change) : keyed(table, change, rules);
}

type OfOneRow = Exclude<Change, { kind: 'truncate' }>;

/** Of a table with a key. A change of the key is a delete and an insert. */
function keyed(table: Table, change: OfOneRow, rules: Rules): Effect[] {
  if (change.kind === 'delete') return [{ kind: 'delete', table: table.name, key: keyOf(table, change.old) }];
  const old = change.kind === 'update' ? change.old : undefined;
  const row = written(table, filled(change.row, old), rules);
  const key = keyOf(table, row);
  const write: Effect = { kind: 'row', table: table.name, key, row, from: change.kind };
  const before = old && keyOf(table, old);
  if (before === undefined || before === key || !rules.keyChange) return [write];
  return [{ kind: 'delete', table: table.name, key: before }, write];
}

/** Of a table without one: equal rows are counted, and an update is one less of the old and one more of the new. */
function counted(table: Table, change: OfOneRow): Effect[] {
  const count = (row: ReceivedRow, by: 1 | -1): Effect => {
    const whole = complete(table, row);
    return { kind: 'count', table: table.name, row: whole, content: contentOf(whole), by };
  };
  if (change.kind === 'delete') return [count(change.old, -1)];
  if (change.kind === 'insert') return [count(change.row, 1)];
  return [count(change.old ?? {}, -1), count(filled(change.row, change.old), 1)];
}

/** With REPLICA IDENTITY FULL the old row has what the new one leaves out. */
function filled(row: ReceivedRow, old: Row | undefined): ReceivedRow {
  if (!old) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === UNCHANGED ? (old[name] ?? value) : value]),
  );
}

/** Without a key the message has the whole old row; what were missing then would be a fault of the decoder. */
function complete(table: Table, row: ReceivedRow): Row {
  const whole: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === UNCHANGED) throw new Error(`${table.name}.${name} is unchanged in a message without the old row`);
    if (!table.generated.includes(name)) whole[name] = value;
  }
  return whole;
}

/** Generated columns are made here from the others; nothing may be written to them. Identity columns are written as they arrive. */
function written(table: Table, row: ReceivedRow, rules: Rules): ReceivedRow {
  const out = [...(rules.generated ? table.generated : []), ...(rules.identity ? [] : table.identity)];
  const made = rules.generated ? [] : table.generated.filter((name) => !(name in row));
  if (out.length + made.length === 0) return row;
  const kept = Object.entries(row).filter(([name]) => !out.includes(name));
  return Object.fromEntries([...kept, ...made.map((name) => [name, null] as const)]);
}
