import type { NodeSession } from './node-session.ts';

export interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** '' for none, as in `pg_attribute`. */
  readonly generated: string;
  readonly identity: string;
  /** By what its values are sorted. Equal on two nodes: they sort alike. Null: nobody knows. */
  readonly order: string | null;
}

/** A table as one node has it. */
export interface FoundTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly FoundColumn[];
  /** Columns of the replica identity, of the primary key where that is FULL, in the order of the index; null when there is no key. What may be checked late identifies nothing. */
  readonly key: readonly string[] | null;
  /** Postgres' estimate; -1 when it has none. */
  readonly rowsExpected: number;
}

/** A table as it is compared: what all nodes have of it. */
export interface ComparedTable {
  readonly schema: string;
  readonly name: string;
  /** Compared columns, by name. */
  readonly columns: readonly string[];
  readonly key: readonly { readonly name: string; readonly type: string }[] | undefined;
  /** A column that may be set to what it is; undefined when Postgres makes them all. */
  readonly settable: string | undefined;
  /** True when every node sorts the key alike, so a range of it is the same range everywhere. */
  readonly sorted: boolean;
  readonly rowsExpected: number;
}

export const nameOf = (table: { readonly schema: string; readonly name: string }): string =>
  `${table.schema}.${table.name}`;

/** Types whose order depends on nothing. */
const PLAIN = `'bool int2 int4 int8 numeric float4 float8 oid uuid date time timetz timestamp timestamptz interval bytea bit
  varbit inet cidr macaddr macaddr8 pg_lsn char name'`;

/** A collation's identity with the version of the library behind it; C is C everywhere. */
const COLLATION = `CASE WHEN coalesce(l.collcollate, '') IN ('C', 'POSIX') THEN 'C'
  WHEN l.collprovider = 'd' AND d.datcollate IN ('C', 'POSIX') AND d.datlocprovider = 'c' THEN 'C'
  WHEN l.collprovider = 'd' THEN concat_ws('/', d.datlocprovider, d.datcollate, to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale',
    pg_database_collation_actual_version(d.oid))
  ELSE concat_ws('/', l.collprovider, l.collcollate, to_jsonb(l)->>'colllocale', to_jsonb(l)->>'colliculocale',
    to_jsonb(l)->>'collicurules', pg_collation_actual_version(l.oid)) END`;

const COLUMNS = `SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'notNull', a.attnotnull, 'generated', a.attgenerated, 'identity', a.attidentity,
    'order', CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace THEN
      CASE WHEN y.typname = ANY (regexp_split_to_array(${PLAIN}, '\\s+')) THEN 'plain'
        WHEN y.typname IN ('text', 'varchar', 'bpchar') THEN ${COLLATION} END END) ORDER BY a.attname COLLATE "C")
  FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation,
    pg_database d
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND d.datname = current_database()`;

const KEY = `SELECT json_agg(a.attname ORDER BY k.place)
  FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place), pg_attribute a
  WHERE i.indrelid = c.oid AND k.place <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum
    AND i.indimmediate AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END`;

/** Every table whose rows are replicated; of partitioned ones the partitions. */
const TABLES = `SELECT n.nspname AS schema, c.relname AS name, c.reltuples::float8 AS "rowsExpected",
    coalesce((${COLUMNS}), '[]') AS columns, (${KEY}) AS key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'windlass') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** The tables of one node. */
export interface NodeTables {
  readonly node: number;
  readonly tables: readonly FoundTable[];
}

export const readTables = (sessions: readonly NodeSession[]): Promise<readonly NodeTables[]> =>
  Promise.all(sessions.map(async (one) => ({ node: one.node.number, tables: await one.rows<FoundTable>(TABLES) })));
