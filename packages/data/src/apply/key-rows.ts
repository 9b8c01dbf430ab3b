import type { Row } from '../converge/index.ts';
import { computedColumn, isComputedColumn, type DescribedTable } from '../node/index.ts';
import { identifier, type KeyKind } from '../sql/index.ts';
import { computedIndexes } from './sql/computed-sql.ts';
import { outputSql } from './sql/output.ts';
import { ownColumns } from './sql/statements.ts';

/** No column has so long a name. */
const WRITTEN = '='.repeat(64);

/** Columns of the key of which equal values have several texts. */
export const inexactOf = ({ key, keyKinds }: DescribedTable): { readonly name: string; readonly kind: KeyKind }[] =>
  key.flatMap((name, i) => {
    const kind = keyKinds[i] ?? 'exact';
    return kind === 'exact' ? [] : [{ name, kind }];
  });

/** A row as the rules take it: in the key the one text of equal values, and beside it how it was written. `texts`: the key in that form. */
export function withKey(table: DescribedTable, row: Row, texts: readonly (string | null)[]): Row {
  const pairs = table.key.flatMap((name, i): [string, string | null][] => {
    const [text, written] = [texts[i] ?? null, row[name] ?? null];
    return text === written
      ? []
      : [
          [name, text],
          [WRITTEN + name, written],
        ];
  });
  return pairs.length === 0 ? row : { ...row, ...Object.fromEntries(pairs) };
}

/** A row with what it is in each computed index. */
export const withComputed = (table: DescribedTable, row: Row, texts: readonly (string | null)[]): Row => ({
  ...row,
  ...Object.fromEntries(computedIndexes(table).map((one, i) => [computedColumn(one), texts[i] ?? null])),
});

/** A row as it is kept beside its table: what it is in an index is computed again when it is read. */
export function withoutComputed<V>(row: Readonly<Record<string, V>>): Readonly<Record<string, V>> {
  const names = Object.keys(row);
  if (!names.some(isComputedColumn)) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => !isComputedColumn(name)));
}

/** A row that was asked for: its columns, then the one text of those of the key that have several, what it is in each computed index; `rest`: what comes after these. */
export function readRow(table: DescribedTable, values: readonly (string | null)[]) {
  const names = ownColumns(table).map(({ name }) => name);
  const inexact = inexactOf(table).map(({ name }) => name);
  const written: Row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  const text = (name: string): string | null => values[names.length + inexact.indexOf(name)] ?? null;
  const keys = table.key.map((name) => (inexact.includes(name) ? text(name) : (written[name] ?? null)));
  const [from, count] = [names.length + inexact.length, computedIndexes(table).length];
  const row = withComputed(table, withKey(table, written, keys), values.slice(from, from + count));
  return { row, rest: values.slice(from + count) };
}

/** A row as it is written. */
export function asWritten<V>(known: Readonly<Record<string, V>>): Readonly<Record<string, V | null>> {
  const row = withoutComputed(known);
  const names = Object.keys(row).filter((name) => name.startsWith(WRITTEN));
  if (names.length === 0) return row;
  const kept = Object.entries(row).filter(([name]) => !name.startsWith(WRITTEN));
  return Object.fromEntries([
    ...kept,
    ...names.map((name) => [name.slice(WRITTEN.length), row[name] ?? null] as const),
  ]);
}

/** SQL for the one text of a column: as `windlass.one_text`. */
export function oneTextSql(name: string, kind: KeyKind): string {
  const value = `t.${identifier(name)}`;
  const text = outputSql(value);
  if (kind === 'numeric') return outputSql(`pg_catalog.trim_scale(${value})`);
  if (kind === 'float') return `CASE WHEN ${value} = 0 THEN '0' ELSE ${text} END`;
  if (kind === 'padded') return `pg_catalog.rtrim(${text}, ' ')`;
  return kind === 'folded' ? `pg_catalog.lower((${text}) COLLATE "default")` : text;
}

/** Triggers that fire in replica role are told of an update as one; with other unique values rows may have to make room for one another first. */
export function canUpdate(table: DescribedTable, here: Row, row: Row): boolean {
  const isFixed = (name: string): boolean =>
    table.columns.some((one) => one.name === name && one.identity === 'always') &&
    here[name] !== (row[name] ?? here[name]);
  return table.code.role !== null && table.uniqueIndexes.length === 0 && !Object.keys(row).some(isFixed);
}
