import { FIXED } from './shape.ts';

/**
 * What a table needs so that its changes are remembered. `steps` says what is missing, as SQL; `watch` does it. Both are idempotent, and
 * where nothing is missing nothing is locked.
 */
export const WATCH = `
-- The triggers of a table. type is pg_trigger.tgtype: 1 row, 4 insert, 8 delete, 16 update, 32 truncate.
CREATE OR REPLACE FUNCTION windlass.triggers_of(key smallint[], in_tree boolean)
RETURNS TABLE (name text, type smallint, timing text, how text) LANGUAGE sql IMMUTABLE ${FIXED} AS $$
  SELECT t.name, t.type::smallint, t.timing, t.how FROM (VALUES
    (true, false, 'windlass_delete', 8, 'DELETE', 'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT'),
    (true, true, 'windlass_delete_row', 9, 'DELETE', 'FOR EACH ROW'),
    (true, NULL, 'windlass_update_row', 17, 'UPDATE', 'FOR EACH ROW'),
    (false, false, 'windlass_insert', 4, 'INSERT', 'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT'),
    (false, false, 'windlass_update', 16, 'UPDATE', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT'),
    (false, false, 'windlass_delete', 8, 'DELETE', 'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT'),
    (false, true, 'windlass_write_row', 29, 'INSERT OR UPDATE OR DELETE', 'FOR EACH ROW'),
    (NULL, NULL, 'windlass_truncate', 32, 'TRUNCATE', 'FOR EACH STATEMENT')
  ) t (keyed, tree, name, type, timing, how)
  WHERE coalesce(t.keyed = (key <> '{}'), true) AND coalesce(t.tree = in_tree, true) $$;

CREATE OR REPLACE FUNCTION windlass.function_steps(it windlass.shape) RETURNS SETOF text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT format('CREATE OR REPLACE FUNCTION %1$s RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp %2$s'
    || ' AS %3$L; REVOKE ALL ON FUNCTION %1$s FROM PUBLIC; ALTER FUNCTION %1$s OWNER TO windlass_writer', 'windlass.' || f.name || '()',
    CASE WHEN f.plain THEN '' ELSE 'SET DateStyle = ISO SET IntervalStyle = postgres SET TimeZone = UTC SET extra_float_digits = 3'
      || ' SET bytea_output = hex SET lc_monetary = ''C''' END, f.source)
  FROM (SELECT 'on_change_' || it.relation AS name,
      CASE WHEN it.key = '{}' THEN windlass.counted_source(it.relation, it.in_tree)
        ELSE windlass.keyed_source(it.relation, it.key, it.in_tree) END AS source,
      NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = it.relation AND NOT windlass.is_plain(a.atttypid)
        AND a.attnum = ANY (CASE WHEN it.key = '{}' THEN windlass.content_columns(it.relation) ELSE it.key END)) AS plain) f
  WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'windlass'::regnamespace AND p.proname = f.name
    AND p.prosrc = f.source AND p.prosecdef AND f.plain = (cardinality(p.proconfig) = 1) AND p.proowner = 'windlass_writer'::regrole) $$;

-- Of triggers of ours that are not wanted any more, statement triggers in a tree may stay: they do nothing there, and a trigger cannot
-- be dropped while its table has events that wait for the end of the transaction.
CREATE OR REPLACE FUNCTION windlass.trigger_steps(it windlass.shape) RETURNS SETOF text LANGUAGE sql STABLE ${FIXED} AS $$
  WITH here AS (
    SELECT g.tgname::text AS name, g.tgtype AS type, g.tgenabled AS enabled, p.proname::text AS function
    FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid AND p.pronamespace = 'windlass'::regnamespace
    WHERE g.tgrelid = it.relation AND NOT g.tgisinternal),
  wanted AS (
    SELECT t.*, CASE t.name WHEN 'windlass_truncate' THEN 'on_truncate' ELSE 'on_change_' || it.relation END AS function
    FROM windlass.triggers_of(it.key, it.in_tree) t)
  SELECT format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s EXECUTE FUNCTION windlass.%I()', w.name, w.timing, it.name, w.how, w.function)
  FROM wanted w WHERE NOT EXISTS (SELECT FROM here h WHERE (h.name, h.type, h.function) = (w.name, w.type, w.function))
  UNION ALL
  SELECT format('ALTER TABLE ONLY %s ENABLE TRIGGER %I', it.name, h.name) FROM here h WHERE h.enabled <> 'O'
    AND h.name IN (SELECT w.name FROM wanted w)
  UNION ALL
  SELECT format('DROP TRIGGER IF EXISTS %I ON %s', h.name, it.name) FROM here h
  WHERE h.name NOT IN (SELECT w.name FROM wanted w) AND NOT (it.in_tree AND h.type & 1 = 0) $$;

-- REPLICA IDENTITY comes last: as an ALTER TABLE it is looked at itself, and finds nothing left to do.
CREATE OR REPLACE FUNCTION windlass.steps(it windlass.shape) RETURNS SETOF text LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT windlass.function_steps(it)
  UNION ALL SELECT windlass.trigger_steps(it)
  UNION ALL SELECT format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', it.name, CASE it.wanted_identity WHEN 'f' THEN 'FULL' ELSE 'DEFAULT' END)
  WHERE it.identity <> it.wanted_identity $$;

CREATE OR REPLACE FUNCTION windlass.watch(which oid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  it windlass.shape;
  missing text[];
BEGIN
  SELECT s.* INTO it FROM windlass.shape s WHERE s.relation = which;
  IF NOT FOUND THEN PERFORM windlass.unwatch(which); RETURN; END IF;
  IF it.wanted_identity = 'f' AND it.has_virtual THEN
    RAISE EXCEPTION 'table % has a virtual generated column and no primary key', it.name USING ERRCODE = 'feature_not_supported',
      DETAIL = 'Changes of such a table cannot be replicated, and Postgres would forbid UPDATE and DELETE on it.',
      HINT = 'Give it a primary key in the statement that creates it, or make the column STORED.';
  END IF;
  PERFORM windlass.refuse_key(which, it.name, it.key);
  IF windlass.is_watched(it) THEN RETURN; END IF;
  EXECUTE format('LOCK TABLE ONLY %s IN %s MODE', it.name,
    CASE WHEN it.identity = it.wanted_identity THEN 'SHARE ROW EXCLUSIVE' ELSE 'ACCESS EXCLUSIVE' END);
  SELECT s.* INTO it FROM windlass.shape s WHERE s.relation = which;
  IF NOT FOUND THEN RETURN; END IF;
  missing := ARRAY(SELECT windlass.steps(it));
  IF windlass.is_other(it) THEN PERFORM windlass.clear(which); END IF;
  IF missing <> '{}' THEN PERFORM windlass.carry_out(missing); END IF;
  INSERT INTO windlass.watched AS w (relation, key, full_by_us)
  VALUES (which, it.key, it.wanted_identity = 'f' AND (it.identity <> 'f' OR it.full_by_us))
  ON CONFLICT (relation) DO UPDATE SET key = excluded.key, full_by_us = excluded.full_by_us;
END $$;

-- In replica role, so that triggers for DDL (users' own, and those that replicate it) do not take what is done here for a user's. Our own
-- fire, look at the same table, and may do the rest: so each step can be repeated. Users are not told of it.
CREATE OR REPLACE FUNCTION windlass.carry_out(steps text[]) RETURNS void LANGUAGE plpgsql ${FIXED}
SET session_replication_role = replica SET client_min_messages = error AS $$
DECLARE
  step text;
BEGIN
  FOREACH step IN ARRAY steps LOOP EXECUTE step; END LOOP;
END $$;

CREATE OR REPLACE FUNCTION windlass.is_watched(it windlass.shape) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT EXISTS (SELECT FROM windlass.watched w WHERE w.relation = it.relation AND w.key = it.key)
    AND NOT EXISTS (SELECT FROM windlass.steps(it)) $$;

-- Another key, or columns of other names, make other texts of equal rows: what is remembered under the old ones says nothing.
CREATE OR REPLACE FUNCTION windlass.is_other(it windlass.shape) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT EXISTS (SELECT FROM windlass.watched w WHERE w.relation = it.relation
    AND (w.key <> it.key OR (it.key = '{}' AND EXISTS (SELECT FROM windlass.function_steps(it))))) $$;

CREATE OR REPLACE FUNCTION windlass.clear(which oid) RETURNS void LANGUAGE sql ${FIXED} AS $$
  DELETE FROM windlass.tombstone WHERE relation = which;
  DELETE FROM windlass.parked WHERE relation = which;
  DELETE FROM windlass.late_recheck WHERE relation = which;
  DELETE FROM windlass.tally WHERE relation = which;
  DELETE FROM windlass.tally_entry WHERE relation = which $$;

-- Of a table that does not replicate any more, or is not there. What is remembered of it goes with the horizon.
CREATE OR REPLACE FUNCTION windlass.unwatch(which oid) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  DELETE FROM windlass.watched WHERE relation = which;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM windlass.carry_out(ARRAY(
    SELECT format('DROP TRIGGER IF EXISTS %I ON %s', g.tgname, g.tgrelid::regclass) FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE g.tgrelid = which AND p.pronamespace = 'windlass'::regnamespace AND NOT g.tgisinternal)
    || format('DROP FUNCTION IF EXISTS windlass.%I()', 'on_change_' || which));
END $$;

-- The tables that lack something; without a name those that do not replicate any more.
CREATE OR REPLACE FUNCTION windlass.unwatched() RETURNS TABLE (relation oid, name text) LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT s.relation, s.name FROM windlass.shape s WHERE NOT windlass.is_watched(s)
  UNION ALL
  SELECT w.relation, NULL FROM windlass.watched w WHERE NOT EXISTS (SELECT FROM windlass.shape s WHERE s.relation = w.relation) $$;
`;
