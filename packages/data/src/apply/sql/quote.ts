/** A name as SQL reads it, whatever is in it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL reads it, with `standard_conforming_strings` on. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The text form of an array, of elements in their text form. */
export function arrayText(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
