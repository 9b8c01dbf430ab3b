import { FIXED } from './shape.ts';

/**
 * The text of a key. Of some types equal values have several texts (`1.0` and `1.00`): the text of a key has one of them for all. `keyText` of
 * packages/data/src/sql says the same of values that arrive. What has none of that sort cannot be a key.
 */
export const KEYS = `
-- Columns that are gone, by their names: what still arrives of them is left out.
CREATE TABLE IF NOT EXISTS windlass.dropped_column (relation oid, name text, PRIMARY KEY (relation, name));

CREATE OR REPLACE FUNCTION windlass.base_type(type oid, modifier int, OUT base oid, OUT length int) LANGUAGE sql STABLE ${FIXED} AS $$
  WITH RECURSIVE below (type, modifier) AS (SELECT type, modifier
    UNION ALL SELECT t.typbasetype, greatest(b.modifier, t.typtypmod) FROM below b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
  SELECT b.type, b.modifier FROM below b JOIN pg_type t ON t.oid = b.type WHERE t.typtype <> 'd' $$;

-- Equal values of these have one text.
CREATE OR REPLACE FUNCTION windlass.is_exact(which oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT which = ANY ('{bool,int2,int4,int8,uuid,oid,bytea,text,varchar,date,timestamp,timestamptz,time,timetz,inet,cidr,macaddr,macaddr8,"char",name,bit,varbit,
      money,pg_lsn,xid8,int4range,int8range,daterange,tsrange,tstzrange}'::regtype[]::oid[])
    OR EXISTS (SELECT FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem WHERE t.oid = which AND (t.typtype = 'e'
      OR t.typcategory = 'A' AND (e.typtype = 'e' OR t.typelem = ANY ('{bool,int2,int4,int8,uuid,oid,text,varchar,date,timestamp,timestamptz}'::regtype[]::oid[])))) $$;

-- How the one text of a column's values is made; NULL: there is no way.
CREATE OR REPLACE FUNCTION windlass.key_kind(which oid, number smallint) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT CASE WHEN NOT l.collisdeterministic THEN NULL
      WHEN b.base = 'numeric'::regtype AND b.length = -1 THEN 'numeric' WHEN b.base = 'numeric'::regtype THEN 'exact'
      WHEN b.base IN ('float4'::regtype, 'float8'::regtype) THEN 'float'
      WHEN b.base = 'bpchar'::regtype THEN CASE b.length WHEN -1 THEN 'padded' ELSE 'exact' END
      WHEN windlass.is_exact(b.base) THEN 'exact'
      WHEN t.typname = 'citext' AND t.typtype = 'b' AND r.rolsuper THEN 'folded' END
  FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation, LATERAL windlass.base_type(a.atttypid, a.atttypmod) b
    JOIN pg_type t ON t.oid = b.base JOIN pg_roles r ON r.oid = t.typowner
  WHERE a.attrelid = which AND a.attnum = number $$;

CREATE OR REPLACE FUNCTION windlass.key_kinds(which oid, key smallint[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(windlass.key_kind(which, c.number) ORDER BY c.place), '[]') FROM unnest(key) WITH ORDINALITY c (number, place) $$;

-- A long one would not fit into an index.
CREATE OR REPLACE FUNCTION windlass.short_key(key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN pg_catalog.octet_length(key) OPERATOR(pg_catalog.>) 2000
    THEN pg_catalog.concat('#', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(key, 'UTF8')), 'hex')) ELSE key END $$;
GRANT EXECUTE ON FUNCTION windlass.short_key(text) TO windlass_writer;

-- SQL for the one text of a value.
CREATE OR REPLACE FUNCTION windlass.one_text(kind text, value text) RETURNS text LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT format(CASE kind WHEN 'numeric' THEN 'concat(trim_scale(%1$s))' WHEN 'float' THEN 'CASE WHEN %1$s = 0 THEN ''0'' ELSE concat(%1$s) END'
    WHEN 'padded' THEN 'rtrim(concat(%1$s), '' '')' WHEN 'folded' THEN 'lower(concat(%1$s) COLLATE "default")' ELSE 'concat(%1$s)' END, value) $$;

-- SQL for the key of a row variable.
CREATE OR REPLACE FUNCTION windlass.key_text_of(which oid, key smallint[], source text) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT format(CASE WHEN bool_or(t.typlen = -1) THEN 'windlass.short_key(%s)' ELSE '%s' END, '''['' || ' || string_agg(
    CASE WHEN a.attnotnull THEN format('to_json(%s)::text', v.value)
      ELSE format('CASE WHEN %s.%I IS NOT DISTINCT FROM NULL THEN ''null'' ELSE to_json(%s)::text END', source, a.attname, v.value)
    END, ' || '','' || ' ORDER BY c.place) || ' || '']''')
  FROM unnest(key) WITH ORDINALITY c (number, place) JOIN pg_attribute a ON a.attrelid = which AND a.attnum = c.number JOIN pg_type t ON t.oid = a.atttypid,
    LATERAL (SELECT windlass.one_text(windlass.key_kind(which, c.number), format('%s.%I', source, a.attname)) AS value) v $$;

-- The key of these values, in the order of the index: keyText, for those who have no program for it.
CREATE OR REPLACE FUNCTION windlass.key_of(which oid, key_values text[]) RETURNS text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT windlass.short_key('[' || string_agg(coalesce(to_json(CASE k.kind WHEN 'numeric' THEN trim_scale(v.value::numeric)::text
      WHEN 'float' THEN CASE v.value WHEN '-0' THEN '0' ELSE v.value END WHEN 'padded' THEN rtrim(v.value, ' ')
      WHEN 'folded' THEN lower(v.value COLLATE "default") ELSE v.value END)::text, 'null'), ',' ORDER BY v.place) || ']')
  FROM windlass.shape w, unnest(key_values) WITH ORDINALITY v (value, place), LATERAL (SELECT windlass.key_kind(which, w.key[v.place - 1 + array_lower(w.key, 1)]) AS kind) k
  WHERE w.relation = which $$;

CREATE OR REPLACE FUNCTION windlass.refuse_key(which oid, name text, key smallint[]) RETURNS void LANGUAGE plpgsql STABLE ${FIXED} AS $$
DECLARE
  found text;
BEGIN
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO found FROM pg_attribute a
  WHERE a.attrelid = which AND a.attnum = ANY (key) AND windlass.key_kind(which, a.attnum) IS NULL;
  IF found IS NULL THEN RETURN; END IF;
  RAISE EXCEPTION 'the key of table % has columns whose equal values have several texts: %', name, found USING ERRCODE = 'feature_not_supported',
    DETAIL = 'On other nodes a row could not be told from another.',
    HINT = 'Give it a key of other columns, or of types as integer, uuid, numeric, timestamp, or text with a deterministic collation.';
END $$;

CREATE OR REPLACE FUNCTION windlass.on_column() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  INSERT INTO windlass.dropped_column (relation, name) SELECT d.objid, d.address_names[3] FROM pg_event_trigger_dropped_objects() d
  WHERE d.object_type = 'table column' AND EXISTS (SELECT FROM windlass.watched w WHERE w.relation = d.objid) ON CONFLICT DO NOTHING;
  DELETE FROM windlass.dropped_column c USING pg_event_trigger_dropped_objects() d WHERE d.object_type = 'table' AND c.relation = d.objid;
END $$;
`;
