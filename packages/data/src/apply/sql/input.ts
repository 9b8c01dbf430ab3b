import type { DescribedColumn } from '../../node/index.ts';
import { arrayText } from '../../sql/index.ts';

/** One row of what a statement is about: values in their text form. */
export type InputRow = readonly (string | null)[];

/** A column of the input of a statement. */
export interface InputColumn {
  readonly type: string;
  readonly hasArray: boolean;
}

const TEXT: InputColumn = { type: 'text', hasArray: true };
/** Time and node of what arrives are `$1` and `$2`. */
const FIRST = 3;

/**
 * The input of a statement as a row source `i`: a text `key`, a text `note`, then `c1`, `c2`, … with these types. One row is given as plain
 * values from `$3` on (or `first`), several as an array for each column. What Postgres reads is the text form, by the input function of the type.
 */
export function inputSql(columns: readonly InputColumn[], size: 'one' | 'many', first = FIRST): string {
  const all = [TEXT, TEXT, ...columns];
  const names = ['key', 'note', ...columns.map((_, i) => `c${String(i + 1)}`)];
  const value = (i: number, suffix: string, type: string): string => `$${String(first + i)}::${type}${suffix}`;
  if (size === 'one')
    return `(SELECT ${all.map(({ type }, i) => `${value(i, '', type)} AS ${names[i] ?? ''}`).join(', ')}) i`;
  const arrays = all.map(({ type, hasArray }, i) => value(i, '[]', hasArray ? type : 'text'));
  const casts = all.map(({ type, hasArray }, i) => {
    const name = names[i] ?? '';
    return hasArray ? `u.${name}` : `u.${name}::${type} AS ${name}`;
  });
  return `(SELECT ${casts.join(', ')} FROM unnest(${arrays.join(', ')}) u(${names.join(', ')})) i`;
}

/** The values for `inputSql`. */
export function inputValues(rows: readonly InputRow[]): (string | null)[] {
  const [only] = rows;
  if (!only) return [];
  if (rows.length === 1) return [...only];
  return only.map((_, column) => arrayText(rows.map((row) => row[column] ?? null)));
}

export const typeOf = ({ baseType, hasArray }: DescribedColumn): InputColumn => ({ type: baseType, hasArray });
