/** A name as SQL reads it, whatever is in it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const qualified = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${identifier(schema)}.${identifier(name)}`;

/**
 * A text as SQL reads it with `standard_conforming_strings` on, and the commands of a replication session, too. (`pg.escapeLiteral` writes `E'…'` for a
 * backslash, which those do not know.)
 */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The text form of an array, of elements in their text form. */
export function arrayText(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
