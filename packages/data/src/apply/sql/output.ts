import type { DescribedColumn } from '../../node/index.ts';
import { identifier, literal } from '../../sql/index.ts';

/** The text form of a value as the output function of its type writes it; a cast may be something else. */
export const outputSql = (value: string): string =>
  `CASE WHEN ${value} IS DISTINCT FROM NULL THEN pg_catalog.concat(${value}) END`;

/** A row as JSON of texts. (to_json would call casts of users.) */
export const rowSql = (columns: readonly DescribedColumn[], row: string): string =>
  `pg_catalog.jsonb_object(ARRAY[${columns.map(({ name }) => literal(name)).join(', ')}]::text[],
    ARRAY[${columns.map(({ name }) => outputSql(`${row}.${identifier(name)}`)).join(', ')}]::text[])`;

/** Several texts as the text of one JSON array. */
export const textsSql = (texts: readonly string[]): string =>
  `pg_catalog.to_json(ARRAY[${texts.join(', ')}]::text[])::text`;

/** What `textsSql` gave, of each row. */
export const readTexts = (rows: readonly (readonly (string | null)[])[]): (string | null)[][] =>
  rows.map(([text]) => JSON.parse(text ?? '[]') as (string | null)[]);
