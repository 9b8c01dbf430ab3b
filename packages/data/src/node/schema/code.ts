import { codeSignature } from '../../sql/index.ts';
import { FIXED } from './shape.ts';

/**
 * Which tables run code of users when an applier writes to them, and how that runs with the rights of their owners (docs/explain/rights.md).
 */
export const CODE = `
-- Whoever builds an index concurrently holds it until the index is known to all; appliers hold it while they write.
CREATE TABLE IF NOT EXISTS windlass.gate (single boolean PRIMARY KEY);

-- That what runs when a table is written to may have changed; 0: of any table. As long as a table is there, rows are only added: who knows how many
-- there were knows whether it has.
CREATE TABLE IF NOT EXISTS windlass.code_change (relation oid NOT NULL);
CREATE INDEX IF NOT EXISTS code_change_relation ON windlass.code_change (relation);
ALTER TABLE windlass.code_change REPLICA IDENTITY FULL;

-- Where nobody can name the functions that run with the rights of owners, not even their owners: who owns a function may change how it runs.
CREATE SCHEMA IF NOT EXISTS windlass_code;
REVOKE ALL ON SCHEMA windlass_code FROM PUBLIC;
GRANT USAGE ON SCHEMA windlass_code TO windlass_replicator;

-- A function that does the same for everybody: it reads no table and runs nothing that it is given.
CREATE OR REPLACE FUNCTION windlass.is_harmless(function oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT coalesce((SELECT p.provolatile = 'i' AND (p.oid < 16384 OR p.prolang = 13 AND r.rolsuper)
      OR p.oid < 16384 AND p.proname = ANY ('{now,clock_timestamp,statement_timestamp,transaction_timestamp,nextval,gen_random_uuid,uuidv4,uuidv7,random,
        timezone,date,date_trunc,date_part,extract,to_char,timestamptz,timestamp,time,timetz}')
    FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.oid = function), false) $$;

-- A type whose values are read without code of a user: no domain of theirs, no array that a cast of theirs could make.
CREATE OR REPLACE FUNCTION windlass.is_harmless_type(which oid) RETURNS boolean LANGUAGE plpgsql STABLE ${FIXED} AS $$
DECLARE
  it pg_type;
BEGIN
  IF which < 16384 THEN RETURN true; END IF;
  SELECT t.* INTO it FROM pg_type t WHERE t.oid = which;
  RETURN CASE
    WHEN NOT FOUND OR it.typtype = 'd' THEN false
    WHEN it.typtype = 'e' THEN true
    WHEN it.typtype = 'b' THEN (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = it.typowner)
      AND (it.typcategory <> 'A' OR windlass.is_harmless_type(it.typelem))
    WHEN it.typtype = 'c' THEN NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = it.typrelid AND a.attnum > 0 AND NOT a.attisdropped
      AND NOT windlass.is_harmless_type(a.atttypid))
    WHEN it.typtype IN ('r', 'm') THEN NOT EXISTS (SELECT FROM pg_range g WHERE which IN (g.rngtypid, g.rngmultitypid)
      AND (NOT windlass.is_harmless_type(g.rngsubtype) OR g.rngcanonical <> 0 AND NOT windlass.is_harmless(g.rngcanonical)))
    ELSE false END;
END $$;

-- An expression as the catalogue keeps it. What is built in leaves no dependency, so its functions are read from the tree.
CREATE OR REPLACE FUNCTION windlass.is_harmless_expression(tree text) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT tree IS NULL OR (tree !~ '[{](JSON|XML|SUBLINK|COERCETODOMAIN)' AND NOT EXISTS (
    SELECT FROM regexp_matches(tree, ':(?:funcid|opfuncid) (\\d+)', 'g') f WHERE NOT windlass.is_harmless(f[1]::oid))
    AND NOT EXISTS (SELECT FROM regexp_matches(tree, ':(?:resulttype|consttype|funcresulttype) (\\d+)', 'g') f
      WHERE NOT windlass.is_harmless_type(f[1]::oid))) $$;

-- Triggers that fire in replica role. Those of a superuser's table with functions of superusers are nobody else's, where nobody else may make triggers there.
CREATE OR REPLACE FUNCTION windlass.has_user_triggers(which oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_roles f ON f.oid = p.proowner
    JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_roles r ON r.oid = c.relowner
    WHERE g.tgrelid = which AND g.tgenabled IN ('A', 'R') AND p.oid >= 16384 AND NOT (r.rolsuper AND f.rolsuper
      AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.privilege_type = 'TRIGGER' AND a.grantee <> c.relowner))) $$;

-- A partition is checked against the expressions of all above it.
CREATE OR REPLACE FUNCTION windlass.has_user_code(which oid) RETURNS boolean LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT windlass.has_user_triggers(which) OR windlass.is_read_again(which)
    OR EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = which)
    OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = which AND a.attnum > 0 AND NOT a.attisdropped AND NOT windlass.is_harmless_type(a.atttypid))
    OR EXISTS (SELECT FROM (
      SELECT i.indexprs::text FROM pg_index i WHERE i.indrelid = which UNION ALL SELECT i.indpred::text FROM pg_index i WHERE i.indrelid = which
      UNION ALL SELECT o.conbin::text FROM pg_constraint o WHERE o.conrelid = which AND o.contype = 'c'
      UNION ALL SELECT d.adbin::text FROM pg_attrdef d WHERE d.adrelid = which
      UNION ALL SELECT s.stxexprs::text FROM pg_statistic_ext s WHERE s.stxrelid = which
      UNION ALL SELECT t.partexprs::text FROM pg_partition_ancestors(which) a JOIN pg_partitioned_table t ON t.partrelid = a.relid
    ) e (tree) WHERE NOT windlass.is_harmless_expression(e.tree)) $$;

-- With whose rights: those of the owner of the table; of a superuser's table, those of a replicator.
CREATE OR REPLACE FUNCTION windlass.code_of(which oid) RETURNS jsonb LANGUAGE sql STABLE ${FIXED} AS $$
  SELECT jsonb_build_object('signature', ${codeSignature('c')}, 'changes', (SELECT count(*) FROM windlass.code_change d WHERE d.relation IN (c.oid, 0)), 'role', CASE WHEN windlass.has_user_code(c.oid) THEN
      CASE WHEN r.rolsuper THEN 'windlass_replicator'::regrole::oid ELSE r.oid END::text END)
  FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = which $$;

-- Makes the function by which statements are carried out with the rights of the role of this table: within it nobody can take another role.
CREATE OR REPLACE FUNCTION windlass.prepare_role(which oid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  role CONSTANT oid := (windlass.code_of(which)->>'role')::oid;
  name CONSTANT text := 'windlass_code.as_' || role || '(text, boolean)';
BEGIN
  IF role IS NULL OR EXISTS (SELECT FROM pg_proc p WHERE p.oid = to_regprocedure(name) AND p.proowner = role AND p.prosecdef) THEN RETURN; END IF;
  PERFORM windlass.carry_out(ARRAY[format('DROP FUNCTION IF EXISTS %s', name), format($f$
CREATE FUNCTION windlass_code.as_%1$s(statement text, reads boolean) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  IF quote_ident(current_user)::regrole::oid <> %1$s THEN RAISE 'this function is not its owner''s' USING ERRCODE = '42501'; END IF;
  IF reads THEN RETURN QUERY EXECUTE statement; ELSE EXECUTE statement; END IF;
END $body$ $f$, role),
    format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name), format('GRANT EXECUTE ON FUNCTION %s TO windlass_replicator', name),
    format('ALTER FUNCTION %s OWNER TO %s', name, role::regrole)]);
END $$;

CREATE OR REPLACE FUNCTION windlass.refuse_changed(name text) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  RAISE EXCEPTION 'what runs when % is written has changed', name USING ERRCODE = 'serialization_failure';
END $$;

CREATE OR REPLACE FUNCTION windlass.refuse_unexpected() RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
BEGIN
  RAISE EXCEPTION 'something newer is here' USING ERRCODE = 'WL001';
END $$;

-- Deferred triggers would run at the commit, with the rights of who commits. Whoever has put one in the queue holds a lock on its table.
CREATE OR REPLACE FUNCTION windlass.refuse_deferred(which oid DEFAULT NULL) RETURNS void LANGUAGE plpgsql ${FIXED} AS $$
DECLARE
  found CONSTANT text := (SELECT min(format('"%s" of table %s', g.tgname, g.tgrelid::regclass)) FROM pg_trigger g
    WHERE g.tgdeferrable AND NOT g.tgisinternal AND g.tgenabled IN ('A', 'R') AND (g.tgrelid = which OR which IS NULL));
BEGIN
  IF found IS NULL THEN RETURN; END IF;
  RAISE EXCEPTION 'trigger % is deferrable and fires in replica role', found USING ERRCODE = 'feature_not_supported',
    HINT = 'Make it NOT DEFERRABLE, or let it fire for users only (ENABLE TRIGGER).';
END $$;

-- Nobody else's statement has this word in it: an index cannot be built concurrently from within a function. Of which table it is is not known yet.
CREATE OR REPLACE FUNCTION windlass.on_index() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  IF current_query() ILIKE '%concurrently%' THEN
    LOCK TABLE windlass.gate IN ACCESS EXCLUSIVE MODE;
    INSERT INTO windlass.code_change VALUES (0);
  END IF;
END $$;

-- Of all tables, whether they replicate or not, also where we have made them so: appliers write to what peers send.
CREATE OR REPLACE FUNCTION windlass.on_code() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  named oid[];
BEGIN
  IF TG_TAG IN ('ALTER TYPE', 'ALTER DOMAIN') THEN INSERT INTO windlass.code_change VALUES (0); RETURN; END IF;
  named := ARRAY(SELECT coalesce(i.indrelid, g.tgrelid, w.ev_class, d.objid) FROM pg_event_trigger_ddl_commands() d
    LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    WHERE d.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass, 'pg_rewrite'::regclass));
  INSERT INTO windlass.code_change SELECT windlass.relatives(named);
END $$;

-- Statistics are added to a table while it is written to.
CREATE OR REPLACE FUNCTION windlass.on_statistics() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() d JOIN pg_statistic_ext s ON s.oid = d.objid
    WHERE d.classid = 'pg_statistic_ext'::regclass AND NOT windlass.is_harmless_expression(s.stxexprs::text)) THEN
    RAISE EXCEPTION 'statistics of expressions with functions of users are not possible in a database of several nodes'
      USING ERRCODE = 'feature_not_supported', HINT = 'Appliers would run these functions. Use built-in, immutable functions.';
  END IF;
END $$;

-- A deferrable one would fire at the commit of an applier.
CREATE OR REPLACE FUNCTION windlass.on_trigger() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN
  PERFORM windlass.refuse_deferred(d.objid) FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_class'::regclass;
END $$;

`;

/** After all that they use. */
export const CODE_EVENTS = `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'windlass_column') THEN
    CREATE EVENT TRIGGER windlass_column ON sql_drop EXECUTE FUNCTION windlass.on_column();
    CREATE EVENT TRIGGER windlass_code ON ddl_command_end EXECUTE FUNCTION windlass.on_code();
  END IF;
END $$;
ALTER EVENT TRIGGER windlass_column ENABLE ALWAYS;
ALTER EVENT TRIGGER windlass_code ENABLE ALWAYS;
DO $$ DECLARE one text[]; BEGIN
  FOREACH one SLICE 1 IN ARRAY '{{windlass_index,ddl_command_start,CREATE INDEX,on_index},{windlass_statistics,ddl_command_end,CREATE STATISTICS,on_statistics},
    {windlass_trigger,ddl_command_end,ALTER TABLE,on_trigger}}'::text[][] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = one[1]) THEN
      EXECUTE pg_catalog.format('CREATE EVENT TRIGGER %I ON %I WHEN TAG IN (%L) EXECUTE FUNCTION windlass.%I()', one[1], one[2], one[3], one[4]);
    END IF;
    EXECUTE pg_catalog.format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', one[1]);
  END LOOP;
END $$;
`;
