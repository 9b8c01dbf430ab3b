import { isObject, type JsonObject } from '@windlass/client/json';
import type { Session } from '../session.ts';
import { columnsOf } from './columns.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

type Out = Pick<Session, 'terminal' | 'format'>;

/** A list as a table, or as whatever was asked for. `kind` is what names are written with: `database/shop`. */
export async function printList(out: Out, kind: string, rows: readonly JsonObject[]): Promise<void> {
  if (out.format === 'json' || out.format === 'yaml') return printValue(out, rows);
  if (out.format === 'name') {
    for (const row of rows) out.terminal.out(`${kind}/${cell(row['id'] ?? row['task_id'] ?? row['label'])}\n`);
    return;
  }
  if (rows.length === 0) return void out.terminal.err(`no ${kind} found\n`);
  const { default: Table } = await import('cli-table3');
  const columns = columnsOf(kind, rows, out.format === 'wide');
  const table = new Table({ head: columns.map((name) => name.replaceAll('_', ' ').toUpperCase()), chars: BARE, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 } }); // prettier-ignore
  for (const row of rows) table.push(columns.map((name) => cell(at(row, name))));
  out.terminal.out(`${table.toString().replace(/ +$/gm, '')}\n`);
}

/** One thing, whole. */
export async function printOne(out: Out, kind: string, one: JsonObject): Promise<void> {
  if (out.format === 'json' || out.format === 'yaml') return printValue(out, one);
  return printList(out, kind, [one]);
}

export async function printValue({ terminal, format }: Out, value: unknown): Promise<void> {
  if (format === 'json') return void terminal.out(`${JSON.stringify(value, undefined, 2)}\n`);
  const { stringify } = await import('yaml');
  terminal.out(stringify(value));
}

/** A field of a field is written with a dot. */
function at(row: JsonObject, name: string): unknown {
  let found: unknown = row;
  for (const part of name.split('.')) found = isObject(found) ? found[part] : undefined;
  return found;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string') ? value.join(',') : String(value.length);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'].map((one) => [one, '']),
); // prettier-ignore
