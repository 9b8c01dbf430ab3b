import type { Row } from '../converge/index.ts';
import type { DescribedTable } from '../node/index.ts';
import { identifier, type KeyKind } from '../sql/index.ts';
import { outputSql } from './sql/output.ts';

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

/** A row as it is written. */
export function asWritten<V>(row: Readonly<Record<string, V>>): Readonly<Record<string, V | null>> {
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
