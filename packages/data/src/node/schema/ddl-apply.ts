import { FIXED } from './shape.ts';

/**
 * What an applier calls to do what users of other nodes did. Code of users can run in it (defaults, casts, what an index computes), so it
 * runs as Postgres runs the query of a materialized view: with the rights of its owner, and nothing in it can get others, leave anything
 * in the session, or put anything off until they are others again (a security-restricted operation). SET ROLE has a way back.
 */
export const DDL_APPLY = `
CREATE OR REPLACE FUNCTION windlass.ddl_settings(settings jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.set_config(s.name, s.value, true) FROM (
    SELECT * FROM pg_catalog.jsonb_each_text(settings)
    UNION ALL VALUES ('enable_seqscan', 'on'), ('enable_hashjoin', 'on'), ('enable_mergejoin', 'on'), ('enable_bitmapscan', 'on'),
      ('plan_cache_mode', 'auto')
    -- Tables that are made here are watched, too; for the superuser event triggers are off (from 17 on).
    UNION ALL SELECT 'event_triggers', 'on' WHERE pg_catalog.current_setting('event_triggers', true) IS NOT NULL) s (name, value)
  WHERE s.value IS NOT NULL;
END $$;

-- Its caller is who did it. Nothing of ours may be looked up after this path is set.
CREATE OR REPLACE FUNCTION windlass.ddl_execute(path text, statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.set_config('search_path', path, true);
  EXECUTE statement;
  RETURN true;
END $$;

-- A line in the log of the server, where nothing that is done afterwards can take it away: what it was is told by its hash alone, for a text may hold a password.
CREATE OR REPLACE FUNCTION windlass.ddl_say(role text, statement text) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  RAISE LOG 'DDL of another node is done as role "%": sha256 %', role, encode(sha256(convert_to(statement, 'UTF8')), 'hex');
END $$;

CREATE OR REPLACE FUNCTION windlass.ddl_as(role text, path text, settings jsonb, statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  PERFORM windlass.ddl_say(role, statement);
  EXECUTE format('CREATE MATERIALIZED VIEW windlass.as_author AS SELECT windlass.ddl_execute(%L, %L) AS done WITH NO DATA', path, statement);
  EXECUTE format('GRANT EXECUTE ON FUNCTION windlass.ddl_execute(text, text) TO %I', role);
  EXECUTE format('ALTER MATERIALIZED VIEW windlass.as_author OWNER TO %I', role);
  PERFORM windlass.ddl_settings(settings);
  REFRESH MATERIALIZED VIEW windlass.as_author;
  EXECUTE format('REVOKE EXECUTE ON FUNCTION windlass.ddl_execute(text, text) FROM %I', role);
  DROP MATERIALIZED VIEW windlass.as_author;
END $$;

-- What Postgres itself does in that way, and cannot do within it; and what would take away the view.
CREATE OR REPLACE FUNCTION windlass.ddl_guarded(role text, path text, settings jsonb, statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  PERFORM windlass.ddl_say(role, statement);
  EXECUTE format('CREATE FUNCTION windlass.as_author() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS %L',
    format('SELECT windlass.ddl_execute(%L, %L)', path, statement));
  EXECUTE format('GRANT EXECUTE ON FUNCTION windlass.ddl_execute(text, text) TO %I', role);
  EXECUTE format('ALTER FUNCTION windlass.as_author() OWNER TO %I', role);
  PERFORM windlass.ddl_settings(settings);
  PERFORM windlass.as_author();
  EXECUTE format('REVOKE EXECUTE ON FUNCTION windlass.ddl_execute(text, text) FROM %I', role);
  DROP FUNCTION IF EXISTS windlass.as_author();
END $$;

-- Rows get the value of a new column that they got on the node where it was added: that of another table, which has just got it. To read it may run code of
-- users (of a domain in an array), so that is done as who added the column, and what comes of it counts if it is a value of the type.
DROP FUNCTION IF EXISTS windlass.ddl_fill(jsonb); -- the one of an earlier release read values as a superuser
CREATE OR REPLACE FUNCTION windlass.ddl_fill(role text, missing jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod, m.value[1] AS value
    FROM jsonb_to_recordset(missing) m ("schema" text, "table" text, "column" text, value text[])
    JOIN pg_attribute a ON a.attrelid = format('%I.%I', m."schema", m."table")::regclass AND a.attname = m."column" AND a.atthasmissing LOOP
    CREATE TABLE windlass.giver ();
    EXECUTE format('ALTER TABLE windlass.giver OWNER TO %I', role);
    PERFORM windlass.ddl_as(role, 'pg_catalog, pg_temp', '{}',
      format('ALTER TABLE windlass.giver ADD COLUMN value %s DEFAULT %L', format_type(one.atttypid, one.atttypmod), one.value));
    UPDATE pg_attribute a SET attmissingval = g.attmissingval FROM pg_attribute g
    WHERE g.attrelid = 'windlass.giver'::regclass AND g.attname = 'value' AND g.atthasmissing
      AND g.atttypid = one.atttypid AND g.atttypmod = one.atttypmod AND a.attrelid = one.attrelid AND a.attnum = one.attnum;
    DROP TABLE windlass.giver CASCADE;
  END LOOP;
END $$;
-- Refreshing a materialized view tells event triggers of nothing that is made meanwhile. A table that was made with rows has no name yet.
CREATE OR REPLACE FUNCTION windlass.ddl_watch(tables jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  mine CONSTANT int := age(pg_current_xact_id()::xid);
BEGIN
  PERFORM windlass.watch(r) FROM windlass.relatives(ARRAY(
    SELECT to_regclass(t)::oid FROM jsonb_array_elements_text(tables) t WHERE to_regclass(t) IS NOT NULL
    UNION SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.oid >= 16384 AND age(c.xmin) <= mine)) r;
  PERFORM windlass.watch_sequence(q.seqrelid, true) FROM pg_sequence q WHERE q.seqrelid >= 16384 AND age(q.xmin) <= mine;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA windlass FROM PUBLIC;
`;
