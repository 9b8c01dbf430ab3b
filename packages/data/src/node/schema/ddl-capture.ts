import { DDL_RECORD } from './ddl-record.ts';
import { FIXED } from './shape.ts';

/**
 * DDL of users becomes a row that replicates. `ddl` holds it only for as long as it takes to say so: appliers look at what is inserted
 * there, and users cannot write there. (Not a logical message: any user can send one.) `ddl_log` is what this node knows, of all nodes.
 *
 * objects: what was made, changed or dropped. lsn, "time": of the commit on the node that did it; NULL of this node's own. met: nodes that
 * have done the very same at the same time, so that the statement of neither had to be carried out on the other.
 */
export const DDL_TABLES = `
CREATE TABLE IF NOT EXISTS windlass.ddl (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS windlass.ddl_log (
  node int NOT NULL, id bigint NOT NULL, at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  objects text[] NOT NULL, what jsonb NOT NULL, lsn pg_lsn, "time" timestamptz, met int[] NOT NULL DEFAULT '{}', PRIMARY KEY (node, id));
CREATE INDEX IF NOT EXISTS ddl_log_objects ON windlass.ddl_log USING gin (objects);
`;

/** What is not replicated, in the words of a NOTICE or an ERROR for the user. */
const REFUSALS = `
CREATE OR REPLACE FUNCTION windlass.ddl_is_off() RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(current_setting('windlass.replicate_ddl', true), '') IN ('off', 'false', 'no', '0') $$;

CREATE OR REPLACE FUNCTION windlass.ddl_is_local(tag text) RETURNS boolean LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  message text := regexp_replace(current_query(), '/\\*.*?\\*/|--[^\\n]*', ' ', 'g');
  reason text := CASE
    WHEN tag ~ ' (PUBLICATION|SUBSCRIPTION)$' THEN 'Publications and subscriptions are those of one node.'
    WHEN tag IN ('CREATE INDEX', 'DROP INDEX', 'ALTER TABLE') AND (message ~* '^\\s*(CREATE\\s+(UNIQUE\\s+)?|DROP\\s+)INDEX\\s+CONCURRENTLY\\M'
      OR message ~* '^\\s*ALTER\\s+TABLE\\s.*\\sDETACH\\s+PARTITION\\s.*\\sCONCURRENTLY\\s*;?\\s*$')
      THEN 'What is done CONCURRENTLY is many transactions.'
    WHEN windlass.ddl_is_off() THEN 'windlass.replicate_ddl is off.' END;
BEGIN
  IF tag = 'REINDEX' THEN RETURN true; END IF;
  IF reason IS NULL THEN RETURN false; END IF;
  RAISE NOTICE '% is not replicated: it was done on this node alone', tag USING DETAIL = reason, HINT = 'Do it on each node.';
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION windlass.ddl_refuse(what text, hint text) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  RAISE EXCEPTION '%', what USING ERRCODE = 'feature_not_supported', HINT = hint;
END $$;

-- A name as a pattern, where it is not a part of another.
CREATE OR REPLACE FUNCTION windlass.ddl_word(name text) RETURNS text LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT '(^|[^[:alnum:]_$])' || regexp_replace(name, '([^[:alnum:]_ ])', '\\\\\\1', 'g') || '($|[^[:alnum:]_$])' $$;

-- A table that was made after temporary ones of this session: there are none on other nodes. Of several statements, those with its name.
CREATE OR REPLACE FUNCTION windlass.ddl_check_made(message text, made oid[]) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  temporary text;
BEGIN
  SELECT string_agg(DISTINCT format('%I', t.relname), ', ') INTO temporary
  FROM regexp_split_to_table(message, ';') part JOIN pg_class m ON m.oid = ANY (made) AND part ~* windlass.ddl_word(m.relname)
  JOIN pg_class t ON t.relnamespace = pg_my_temp_schema() AND t.relkind IN ('r', 'v', 'p', 'f') AND part ~* windlass.ddl_word(t.relname)
  WHERE part ~* '\\m(LIKE|AS|INTO)\\M';
  IF temporary IS NOT NULL THEN
    PERFORM windlass.ddl_refuse(format('a table made after a temporary one (%s) cannot be replicated', temporary),
      'Write out its columns in CREATE TABLE, then INSERT … SELECT.');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION windlass.ddl_check(tag text, message text) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  IF NOT current_setting('standard_conforming_strings')::boolean THEN
    PERFORM windlass.ddl_refuse('DDL is not replicated while standard_conforming_strings is off', 'Set it on.');
  END IF;
  IF octet_length(message) > 8000000 AND message ~ ';\\s*\\S' THEN
    PERFORM windlass.ddl_refuse('a message with DDL is longer than 8 MB', 'Send the statements one by one.');
  END IF;
  IF tag = 'CREATE TABLE AS' THEN
    IF message ~* '\\mAS\\s+EXECUTE\\M' THEN
      PERFORM windlass.ddl_refuse('CREATE TABLE AS EXECUTE cannot be replicated: other nodes have not prepared the statement',
        'Write out the query.');
    END IF;
  END IF;
END $$;
`;

/**
 * The first says who it is and by which search_path names are looked up: only a function with the rights of its caller is told. It is
 * followed at once by the one that writes, so nobody can say something else in between.
 */
const TRIGGER_FUNCTIONS = `
CREATE OR REPLACE FUNCTION windlass.on_ddl_by() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.set_config('windlass.ddl_by',
    pg_catalog.json_build_array(current_user, pg_catalog.current_setting('search_path'))::pg_catalog.text, true);
END $$;

-- What an extension's script does is done by CREATE EXTENSION.
CREATE OR REPLACE FUNCTION windlass.on_ddl_extension() RETURNS event_trigger LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  PERFORM set_config('windlass.ddl_extension', statement_timestamp()::text, true);
END $$;

-- A table that is made with its rows: they come before the end of the statement, so it has to be said at its beginning.
CREATE OR REPLACE FUNCTION windlass.on_ddl_start() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  place int := windlass.ddl_count();
BEGIN
  IF current_setting('windlass.ddl_extension', true) = statement_timestamp()::text THEN RETURN; END IF;
  PERFORM set_config('windlass.ddl_id', '', true);
  IF place = 0 AND windlass.ddl_makes_temporary(windlass.ddl_context()) THEN RETURN; END IF;
  IF windlass.ddl_is_local(TG_TAG) THEN RETURN; END IF;
  IF current_setting('windlass.ddl_by')::jsonb->>1 ~ '^\\s*"?pg_temp' THEN
    PERFORM windlass.ddl_refuse(TG_TAG || ' is not possible while search_path begins with pg_temp', 'Write CREATE TEMPORARY TABLE … AS.');
  END IF;
  PERFORM windlass.ddl_record(TG_TAG, '{}', place, '{}');
END $$;

-- Whether it is plain to see. Where it is not, the reader of the row sees it.
CREATE OR REPLACE FUNCTION windlass.ddl_makes_temporary(context text) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT CASE WHEN context = '' THEN current_query() WHEN starts_with(context, 'SQL statement "') THEN substr(context, 16) ELSE '' END
    ~* '^\\s*(CREATE\\s+(LOCAL\\s+|GLOBAL\\s+)?TEMP(ORARY)?\\s|SELECT\\s[^;]*\\sINTO\\s+(LOCAL\\s+|GLOBAL\\s+)?TEMP(ORARY)?\\s)' $$;

CREATE OR REPLACE FUNCTION windlass.on_ddl_dropped() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  dropped record;
BEGIN
  SELECT array_agg(DISTINCT d.object_type || ' ' || d.object_identity) FILTER (WHERE NOT d.is_temporary) AS named,
    bool_or(d.is_temporary) AS temporary INTO dropped
  FROM pg_event_trigger_dropped_objects() d
  WHERE d.original AND coalesce(d.schema_name, '') <> 'windlass' AND NOT (d.object_type = 'schema' AND d.object_name = 'windlass');
  PERFORM set_config('windlass.ddl_dropped', coalesce(to_jsonb(dropped.named), '[]')::text, true);
  IF dropped.temporary AND dropped.named IS NOT NULL AND TG_TAG <> 'DROP OWNED' THEN
    PERFORM windlass.ddl_refuse('temporary objects and others cannot be dropped by one statement: it is replicated', 'Drop them one by one.');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION windlass.on_ddl_end() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  by_script boolean := coalesce(current_setting('windlass.ddl_extension', true), '') = statement_timestamp()::text;
  place int;
  done record;
BEGIN
  IF by_script AND TG_TAG NOT IN ('CREATE EXTENSION', 'ALTER EXTENSION') THEN RETURN; END IF;
  PERFORM set_config('windlass.ddl_dropped', '', true) WHERE by_script;
  SELECT array_agg(DISTINCT n.name) FILTER (WHERE n.counts AND n.name IS NOT NULL) AS named, bool_or(n.counts) AS counts,
    array_agg(d.objid) FILTER (WHERE d.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass) AND n.counts) AS tables INTO done
  FROM pg_event_trigger_ddl_commands() d, LATERAL (SELECT d.schema_name IS DISTINCT FROM 'pg_temp' AND d.schema_name IS DISTINCT FROM 'windlass'
    AND NOT d.in_extension AS counts,
    CASE WHEN d.classid = 'pg_class'::regclass AND d.objid <> 0
      THEN (SELECT CASE c.relkind WHEN 'i' THEN 'index ' WHEN 'I' THEN 'index ' WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view '
        WHEN 'c' THEN 'type ' WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || format('%I.%I', s.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.oid = d.objid)
      ELSE d.object_type || ' ' || d.object_identity END AS name) n;
  PERFORM set_config('windlass.ddl_extension', '', true) WHERE by_script;
  IF TG_TAG IN ('CREATE TABLE AS', 'SELECT INTO') THEN
    UPDATE windlass.ddl_log l SET objects = done.named FROM windlass.local m
    WHERE done.named IS NOT NULL AND l.node = m.node AND l.id = nullif(current_setting('windlass.ddl_id', true), '')::bigint AND l.objects = '{}';
    DELETE FROM windlass.ddl_log l USING windlass.local m
    WHERE l.node = m.node AND l.id = nullif(current_setting('windlass.ddl_id', true), '')::bigint AND l.objects = '{}';
    IF done.tables IS NOT NULL THEN PERFORM windlass.ddl_check_made(current_query(), done.tables); END IF;
    RETURN;
  END IF;
  place := windlass.ddl_count();
  done.named := coalesce(done.named, '{}') || ARRAY(SELECT jsonb_array_elements_text(nullif(current_setting('windlass.ddl_dropped', true), '')::jsonb));
  PERFORM set_config('windlass.ddl_dropped', '', true);
  IF done.named = '{}' AND done.counts IS NOT TRUE AND TG_TAG <> 'DROP OWNED' THEN RETURN; END IF;
  IF windlass.ddl_is_local(TG_TAG) THEN RETURN; END IF;
  IF TG_TAG = 'CREATE TABLE' THEN PERFORM windlass.ddl_check_made(current_query(), done.tables); END IF;
  PERFORM windlass.ddl_record(TG_TAG, done.named, place, CASE WHEN done.tables IS NULL THEN '{}'
    ELSE jsonb_build_object('tables', windlass.ddl_tables(done.tables),
      'missing', CASE TG_TAG WHEN 'ALTER TABLE' THEN windlass.ddl_missing(done.tables) END) END);
END $$;

-- The tables it was about, as on_ddl sees them: no event trigger is told of them where it is done again.
CREATE OR REPLACE FUNCTION windlass.ddl_tables(named oid[]) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce(jsonb_agg(format('%I.%I', n.nspname, c.relname)), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND (c.oid = ANY (named) OR c.oid IN (SELECT g.tgrelid FROM pg_trigger g WHERE g.oid = ANY (named))
    OR c.reloftype IN (SELECT y.reltype FROM pg_class y WHERE y.oid = ANY (named) AND y.relkind = 'c')) $$;

-- Values that each node would make for itself, of rows that are there already.
CREATE OR REPLACE FUNCTION windlass.on_ddl_rewrite() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  which regclass := pg_event_trigger_table_rewrite_oid();
  persistence "char" := (SELECT relpersistence FROM pg_class WHERE oid = which);
BEGIN
  IF persistence = 't' OR windlass.ddl_is_off() THEN RETURN; END IF;
  -- It cannot be read now: its indexes are not made yet.
  IF pg_relation_size(which) = 0 OR (persistence = 'u' AND pg_event_trigger_table_rewrite_reason() & 1 = 0) THEN RETURN; END IF;
  IF persistence = 'u' THEN
    PERFORM windlass.ddl_refuse(format('rows of unlogged table %s are on this node alone', which), 'Copy them into a new table by INSERT … SELECT.');
  END IF;
  IF EXISTS (SELECT FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = which AND a.attnum > 0 AND a.attgenerated = '' AND age(a.xmin) <= age(pg_current_xact_id()::xid) AND NOT a.attisdropped
    AND (a.attidentity <> '' OR d.adbin::text ~ 'NEXTVALUEEXPR' OR EXISTS (SELECT FROM regexp_matches(d.adbin::text, ':(?:op)?funcid ([0-9]+)', 'g') f
      JOIN pg_proc p ON p.oid = f[1]::oid WHERE p.provolatile = 'v'))) THEN
    PERFORM windlass.ddl_refuse(format('a new column of %s would get other values on each node', which),
      'Add it without a default, set the default by ALTER COLUMN, then UPDATE the rows that are there.');
  END IF;
END $$;
`;

/** Not always on: in replica role nothing is captured, so what an applier carries out does not go round. */
const TRIGGERS = `
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT * FROM (VALUES
    ('windlass_capture_1_by', 'ddl_command_end', '', 'on_ddl_by'),
    ('windlass_capture_2_end', 'ddl_command_end', '', 'on_ddl_end'),
    ('windlass_capture_1_start_by', 'ddl_command_start', $w$WHEN TAG IN ('CREATE TABLE AS', 'SELECT INTO')$w$, 'on_ddl_by'),
    ('windlass_capture_2_start', 'ddl_command_start', $w$WHEN TAG IN ('CREATE TABLE AS', 'SELECT INTO')$w$, 'on_ddl_start'),
    ('windlass_capture_extension', 'ddl_command_start', $w$WHEN TAG IN ('CREATE EXTENSION', 'ALTER EXTENSION')$w$, 'on_ddl_extension'),
    ('windlass_capture_dropped', 'sql_drop', '', 'on_ddl_dropped'),
    ('windlass_capture_rewrite', 'table_rewrite', '', 'on_ddl_rewrite')) t (name, event, tags, function)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = one.name) THEN
      EXECUTE pg_catalog.format('CREATE EVENT TRIGGER %I ON %I %s EXECUTE FUNCTION windlass.%I()', one.name, one.event, one.tags, one.function);
    END IF;
    EXECUTE pg_catalog.format('ALTER EVENT TRIGGER %I ENABLE', one.name);
  END LOOP;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA windlass FROM PUBLIC;
`;

export const DDL_CAPTURE = [DDL_RECORD, REFUSALS, TRIGGER_FUNCTIONS, TRIGGERS].join('\n');
