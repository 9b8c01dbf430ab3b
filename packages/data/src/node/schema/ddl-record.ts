import { FIXED } from './shape.ts';

/** What a statement can mean differently by, beside its search_path. */
const SETTINGS = `ARRAY['DateStyle', 'IntervalStyle', 'TimeZone', 'xmloption', 'default_tablespace', 'default_table_access_method',
    'default_toast_compression', 'check_function_bodies', 'array_nulls', 'transform_null_equals', 'lc_monetary', 'bytea_output',
    'extra_float_digits', 'row_security']`;

/**
 * Several statements may come in one message, and Postgres says to no trigger which of them it is. So the events of a message are counted,
 * in a setting that is rolled back as what it counts; the reader of the row counts likewise. What a function does comes with its text.
 */
const PLACE = `
-- Ours come first in it; then who called, the innermost first; nobody, when the statement is one of the message.
CREATE OR REPLACE FUNCTION windlass.ddl_context() RETURNS text LANGUAGE plpgsql SECURITY DEFINER ${FIXED} SET lc_messages = 'C' AS $$
DECLARE
  context text;
BEGIN
  GET DIAGNOSTICS context = PG_CONTEXT;
  RETURN regexp_replace(context, '^.*?PL/pgSQL function windlass\\.on_ddl_(start|end)\\(\\) line [0-9]+ [^\\n]*(\\n|$)', '');
END $$;

-- The number of this event in its message; 0 where the message is this statement alone.
CREATE OR REPLACE FUNCTION windlass.ddl_count() RETURNS int LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  message text := extract(epoch FROM statement_timestamp())::text;
  place text := current_setting('windlass.ddl_place', true);
  count int := 1;
BEGIN
  IF current_query() !~ ';\\s*\\S' THEN RETURN 0; END IF;
  IF windlass.ddl_context() <> '' THEN RETURN 0; END IF;
  IF split_part(place, ' ', 1) = message THEN count := split_part(place, ' ', 2)::int + 1; END IF;
  PERFORM set_config('windlass.ddl_place', message || ' ' || count, false);
  RETURN count;
END $$;

-- Of a function in SQL only its name and the number of the statement are told.
CREATE OR REPLACE FUNCTION windlass.ddl_source(context text, place int) RETURNS jsonb LANGUAGE plpgsql STABLE ${FIXED} AS $$
DECLARE
  called text[] := regexp_match(context, '^SQL function "(.*?)" statement ([0-9]+)');
  sources text[];
BEGIN
  IF context = '' THEN RETURN jsonb_build_object('source', 'message', 'text', current_query(), 'place', place); END IF;
  IF starts_with(context, 'SQL statement "') THEN RETURN jsonb_build_object('source', 'context', 'text', context, 'place', 0); END IF;
  sources := ARRAY(SELECT DISTINCT p.prosrc FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.proname = called[1] AND l.lanname = 'sql' AND p.prosqlbody IS NULL);
  IF cardinality(sources) = 1 THEN
    RETURN jsonb_build_object('source', 'function', 'text', sources[1], 'place', called[2]::int);
  END IF;
  RAISE EXCEPTION 'it cannot be told which statement of a function this is, so it cannot be replicated' USING ERRCODE = 'feature_not_supported',
    DETAIL = context, HINT = 'Do it by a statement of its own, or by EXECUTE in PL/pgSQL.';
END $$;
`;

/** `known`: of each node the last DDL on one of these objects that this node has. Who reads it and has more knows that both did something at once. */
const RECORD = `
CREATE OR REPLACE FUNCTION windlass.ddl_record(tag text, named text[], place int, more jsonb) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  me int := (SELECT node FROM windlass.local);
  doer jsonb := current_setting('windlass.ddl_by')::jsonb;
  source jsonb := windlass.ddl_source(windlass.ddl_context(), place);
  what jsonb;
  given bigint;
BEGIN
  IF me IS NULL THEN RETURN; END IF;
  PERFORM windlass.ddl_check(tag, source->>'text');
  what := source || more || jsonb_build_object('tag', tag, 'role', doer->>0, 'path', doer->>1, 'objects', to_jsonb(named),
    'major', current_setting('server_version_num')::int / 10000,
    'settings', (SELECT jsonb_object_agg(s, current_setting(s, true)) FROM unnest(${SETTINGS}) s),
    'known', (SELECT coalesce(jsonb_object_agg(l.node, l.last), '{}') FROM (
      SELECT d.node, max(d.id) AS last FROM windlass.ddl_log d WHERE d.objects && named GROUP BY d.node) l));
  INSERT INTO windlass.ddl (what) VALUES (what) RETURNING id INTO given;
  DELETE FROM windlass.ddl WHERE id = given;
  INSERT INTO windlass.ddl_log (node, id, objects, what) VALUES (me, given, named, what);
  PERFORM set_config('windlass.ddl_id', given::text, true);
END $$;

-- Of columns that rows got without being written: DEFAULT now() is another time on each node.
CREATE OR REPLACE FUNCTION windlass.ddl_missing(named oid[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED}
SET DateStyle = ISO SET IntervalStyle = postgres SET TimeZone = UTC SET extra_float_digits = 3 SET bytea_output = hex SET lc_monetary = 'C' AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'table', c.relname, 'column', a.attname,
    'value', a.attmissingval::text::text[])), '[]')
  FROM windlass.relatives(named) r JOIN pg_class c ON c.oid = r JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.atthasmissing AND NOT a.attisdropped AND age(a.xmin) <= age(pg_current_xact_id()::xid)
  JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum AND NOT starts_with(d.adbin::text, '{CONST ') $$;
`;

export const DDL_RECORD = [PLACE, RECORD].join('\n');
