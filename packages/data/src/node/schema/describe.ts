import { FIXED, KEY } from './shape.ts';

/** Says of a table what the rules and the applier have to know. */
export const DESCRIBE = `
CREATE OR REPLACE FUNCTION windlass.names_of(which oid, columns smallint[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(a.attname ORDER BY c.place), '[]') FROM unnest(columns) WITH ORDINALITY c (number, place)
  JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number $$;

-- The operator by which two values of a type are equal; of another type than Postgres' own it is not in the search path.
CREATE OR REPLACE FUNCTION windlass.equality(type oid) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce((SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname) FROM pg_opclass c
    JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype AND m.amopstrategy = 3
    JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE c.opcmethod = 403 AND c.opcdefault AND c.opcintype = (windlass.base_type(type, -1)).base AND c.opcintype >= 16384), '=') $$;

CREATE OR REPLACE FUNCTION windlass.columns_of(which oid) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod),
    'baseType', format_type(a.atttypid, -1), 'hasArray', t.typarray <> 0, 'equals', windlass.equality(a.atttypid), 'notNull', a.attnotnull,
    'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
    'expression', (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = which AND d.adnum = a.attnum AND a.attgenerated <> ''),
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END) ORDER BY a.attnum), '[]')
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = which AND a.attnum > 0 AND NOT a.attisdropped $$;

-- Its parts as SQL over the columns of the table, in words that mean the same wherever they are read, and its condition.
CREATE OR REPLACE FUNCTION windlass.computed_of(i pg_index) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT CASE WHEN windlass.is_computed(i) THEN jsonb_build_object('parts', jsonb_agg(jsonb_build_object('sql', CASE WHEN l.oid IS NULL
      THEN format('(%s)', d.text) ELSE format('((%s) COLLATE %I.%I)', d.text, n.nspname, l.collname) END,
      'equals', windlass.equality(y.type)) ORDER BY p.place),
    'hashable', bool_and(windlass.is_hashable(y.type)), 'condition', pg_get_expr(i.indpred, i.indrelid)) END
  FROM generate_series(1, i.indnkeyatts) p (place)
    JOIN pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = p.place
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.place - 1] AND a.attnum > 0
    LEFT JOIN pg_collation l ON l.oid = i.indcollation[p.place - 1] LEFT JOIN pg_namespace n ON n.oid = l.collnamespace,
    LATERAL (SELECT pg_get_indexdef(i.indexrelid, p.place, false) AS text) d, LATERAL (SELECT coalesce(a.atttypid, x.atttypid) AS type) y $$;

-- Beside the key, also those of which it is not known from columns alone which rows collide.
CREATE OR REPLACE FUNCTION windlass.unique_of(which oid, key smallint[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', x.relname, 'columns', windlass.names_of(which, u.columns),
    'partial', i.indpred IS NOT NULL, 'expressions', i.indexprs IS NOT NULL, 'deferrable', NOT i.indimmediate,
    'nullsNotDistinct', i.indnullsnotdistinct, 'computed', windlass.computed_of(i), 'valid', i.indisvalid, 'exclusion', i.indisexclusion) ORDER BY x.relname), '[]')
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid, LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS columns) u
  WHERE i.indrelid = which AND (i.indisunique OR i.indisexclusion) AND i.indislive
    AND (u.columns <> key OR i.indpred IS NOT NULL OR NOT i.indimmediate OR i.indisexclusion) $$;

CREATE OR REPLACE FUNCTION windlass.describe(which oid) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT jsonb_build_object('oid', c.oid::bigint, 'schema', n.nspname, 'relation', c.relname, 'name', format('%I.%I', n.nspname, c.relname),
    'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' ELSE 'other' END,
    'persistence', CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END,
    'columns', windlass.columns_of(c.oid),
    'dropped', (SELECT coalesce(jsonb_agg(d.name ORDER BY d.name), '[]') FROM windlass.dropped_column d WHERE d.relation = c.oid), 'key', windlass.names_of(c.oid, k.key),
    'content', windlass.names_of(c.oid, windlass.content_columns(c.oid)), 'uniqueIndexes', windlass.unique_of(c.oid, k.key),
    'keyKinds', windlass.key_kinds(c.oid, k.key),
    'root', CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid::bigint END,
    'code', windlass.code_of(c.oid), 'inTree', coalesce(s.in_tree, false), 'replicates', s.relation IS NOT NULL,
    'watched', s.relation IS NOT NULL AND windlass.is_watched(s))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN windlass.shape s ON s.relation = c.oid,
    LATERAL (SELECT coalesce((SELECT k.key FROM (${KEY}) k), '{}') AS key) k
  WHERE c.oid = which $$;
`;
