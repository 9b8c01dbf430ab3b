import { identifier } from '../sql/index.ts';
import type { ComparedTable } from './tables.ts';

const column = (name: string): string => `t.${identifier(name)}`;

/** The text form by the type's output function. A cast to `text` could be a user's own function. */
export const outputOf = (name: string): string => `format('%s', ${column(name)})`;

/** True for a value. `IS NOT NULL` asks a composite for all its fields. */
export const given = (name: string): string => `num_nulls(${column(name)}) = 0`;

/** Values of these columns as an array of texts, NULL as NULL. */
export const textsOf = (columns: readonly string[]): string =>
  `ARRAY[${columns.map((one) => `CASE WHEN ${given(one)} THEN ${outputOf(one)} END`).join(', ')}]::text[]`;

/** One text of these values: each with its length before it, so that no other values have the same. */
function contentOf(columns: readonly string[]): string {
  const parts = columns.map(
    (one) => `CASE WHEN ${given(one)} THEN octet_length(${outputOf(one)}) || ':' || ${outputOf(one)} ELSE '-' END`,
  );
  return parts.length === 0 ? `''` : parts.join(` || ',' || `);
}

/** SHA-256 (md5 is not there under FIPS) of the bytes in UTF-8, whatever the encoding of the database is. */
const hashOf = (text: string): string => `sha256(convert_to(${text}, 'UTF8'))`;

/** The hash of all compared columns of a row, and of its version where one is given. */
export const rowHash = (table: ComparedTable, version?: string): string =>
  hashOf(version === undefined ? contentOf(table.columns) : `${contentOf(table.columns)} || '@' || ${version}`);

/** By what a row is put into a bucket: its key, or everything where there is no key. */
const placeHash = (table: ComparedTable): string =>
  hashOf(contentOf(table.key?.map(({ name }) => name) ?? table.columns));

/** The bucket of 4096 a row falls into: the first 12 bits. */
export const bucketOf = (table: ComparedTable): string =>
  `('x' || left(encode(${placeHash(table)}, 'hex'), 3))::bit(12)::int`;

const half = (from: number): string => `('x' || encode(substr(h, ${String(from)}, 8), 'hex'))::bit(64)::bigint`;

/** Of many rows, in any order: their number and two sums of 64 bits of their hashes. `h` is a row's hash. */
export const SUMS = `count(*)::int AS rows, coalesce(sum(${half(1)}), 0)::text || '/' || coalesce(sum(${half(9)}), 0)::text AS sums`;
