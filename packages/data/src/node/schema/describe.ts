import { FIXED, KEY } from './shape.ts';

/** Says of a table what the rules and the applier have to know. */
export const DESCRIBE = `
CREATE OR REPLACE FUNCTION windlass.names_of(which oid, columns smallint[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(a.attname ORDER BY c.place), '[]') FROM unnest(columns) WITH ORDINALITY c (number, place)
  JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number $$;

CREATE OR REPLACE FUNCTION windlass.columns_of(which oid) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod),
    'baseType', format_type(a.atttypid, -1), 'hasArray', t.typarray <> 0, 'notNull', a.attnotnull,
    'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END) ORDER BY a.attnum), '[]')
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = which AND a.attnum > 0 AND NOT a.attisdropped $$;

-- Beside the key, also those of which it is not known from columns alone which rows collide.
CREATE OR REPLACE FUNCTION windlass.unique_of(which oid, key smallint[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', x.relname, 'columns', windlass.names_of(which, u.columns),
    'partial', i.indpred IS NOT NULL, 'expressions', i.indexprs IS NOT NULL, 'deferrable', NOT i.indimmediate,
    'nullsNotDistinct', i.indnullsnotdistinct, 'valid', i.indisvalid, 'exclusion', i.indisexclusion) ORDER BY x.relname), '[]')
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid, LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS columns) u
  WHERE i.indrelid = which AND (i.indisunique OR i.indisexclusion) AND i.indislive
    AND (u.columns <> key OR i.indpred IS NOT NULL OR NOT i.indimmediate OR i.indisexclusion) $$;

-- Of which key columns one value can be written in two ways, so that equal keys have two texts.
CREATE OR REPLACE FUNCTION windlass.ambiguous(which oid, key smallint[]) RETURNS smallint[] LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(array_agg(a.attnum ORDER BY a.attnum), '{}') FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type b ON b.oid = t.typbasetype LEFT JOIN pg_collation l ON l.oid = a.attcollation
  WHERE a.attrelid = which AND a.attnum = ANY (key) AND NOT coalesce(
    l.collisdeterministic AND coalesce(b.oid, t.oid) < 16384 OR t.typtype = 'e' OR coalesce(b.oid, t.oid) = ANY (
      '{bool,int2,int4,int8,uuid,oid,bytea,date,timestamp,timestamptz,time,inet,cidr,macaddr,macaddr8,"char",name}'::regtype[]::oid[])
    OR coalesce(b.oid, t.oid) = 'numeric'::regtype AND greatest(a.atttypmod, t.typtypmod) > 0, false) $$;

CREATE OR REPLACE FUNCTION windlass.describe(which oid) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT jsonb_build_object('oid', c.oid::bigint, 'schema', n.nspname, 'relation', c.relname, 'name', format('%I.%I', n.nspname, c.relname),
    'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' ELSE 'other' END,
    'persistence', CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END,
    'columns', windlass.columns_of(c.oid),
    'dropped', (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attisdropped), 'key', windlass.names_of(c.oid, k.key),
    'content', windlass.names_of(c.oid, windlass.content_columns(c.oid)), 'uniqueIndexes', windlass.unique_of(c.oid, k.key),
    'ambiguous', windlass.names_of(c.oid, windlass.ambiguous(c.oid, k.key)),
    'root', CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid::bigint END,
    'code', windlass.code_of(c.oid), 'inTree', coalesce(s.in_tree, false), 'replicates', s.relation IS NOT NULL,
    'watched', s.relation IS NOT NULL AND windlass.is_watched(s))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN windlass.shape s ON s.relation = c.oid,
    LATERAL (SELECT coalesce((SELECT k.key FROM (${KEY}) k), '{}') AS key) k
  WHERE c.oid = which $$;
`;
