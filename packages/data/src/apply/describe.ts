import type pg from 'pg';
import type { ColumnHere, TableHere, UniqueIndex } from './described.ts';
import { identifier } from '../sql/index.ts';

const COLUMNS = `SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, -1),
  'hasArray', t.typarray <> 0, 'identityAlways', a.attidentity = 'a', 'generated', a.attgenerated <> '') ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;
const INDEX_COLUMNS = `(SELECT coalesce(jsonb_agg(a.attname ORDER BY k.n), '[]') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts)`;
const INDEXES = `SELECT coalesce(jsonb_agg(jsonb_build_object('name', x.relname, 'columns', ${INDEX_COLUMNS},
  'odd', i.indexprs IS NOT NULL OR i.indpred IS NOT NULL, 'deferrable', NOT i.indimmediate, 'primary', i.indisprimary,
  'identity', i.indisreplident) ORDER BY x.relname), '[]')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid`;
const DESCRIBE = `SELECT jsonb_build_object('kind', c.relkind, 'replident', c.relreplident, 'columns', (${COLUMNS}), 'indexes', (${INDEXES}),
  'dropped', (SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attisdropped)) AS told
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`;

interface Told {
  readonly kind: string;
  readonly replident: string;
  readonly dropped: number;
  readonly columns: readonly (ColumnHere & { readonly generated: boolean })[] | null;
  readonly indexes: readonly (UniqueIndex & { readonly primary: boolean; readonly identity: boolean })[];
}

const KINDS: Readonly<Record<string, TableHere['kind']>> = { r: 'table', p: 'partitioned' };

/** Undefined: there is none of this name. */
export async function describe(client: pg.ClientBase, schema: string, name: string): Promise<TableHere | undefined> {
  const { rows } = await client.query<{ told: Told }>(DESCRIBE, [schema, name]);
  const told = rows[0]?.told;
  if (!told) return undefined;
  const key = keyIndex(told);
  const columns = told.columns ?? [];
  return {
    ...{ schema, name, sql: `${identifier(schema)}.${identifier(name)}`, dropped: told.dropped },
    kind: KINDS[told.kind] ?? 'other',
    columns: columns.filter(({ generated }) => !generated),
    generated: columns.filter(({ generated }) => generated).map((column) => column.name),
    key: key?.columns ?? [],
    unique: told.indexes.filter((index) => index !== key),
  };
}

/** The replica identity; with FULL the primary key, if there is one. A deferrable one identifies nothing to Postgres. */
function keyIndex({ replident, indexes }: Told): Told['indexes'][number] | undefined {
  if (replident === 'i') return indexes.find(({ identity }) => identity);
  return replident === 'n' ? undefined : indexes.find(({ primary, deferrable }) => primary && !deferrable);
}
