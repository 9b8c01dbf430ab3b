import { FIXED } from './shape.ts';

/**
 * DDL of users: what it made or changed is watched before the statement ends, so there is no moment at which a change is not remembered,
 * or forbidden for want of a replica identity. Always on, also in an applier's session, which carries out DDL of peers. No tag is left
 * out: ALTER VIEW may rename the column of a table.
 */
export const EVENTS = `
CREATE OR REPLACE FUNCTION windlass.on_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  named oid[];
  one oid;
BEGIN
  named := ARRAY(
    SELECT d.objid FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_class'::regclass
    UNION SELECT g.tgrelid FROM pg_event_trigger_ddl_commands() d JOIN pg_trigger g ON g.oid = d.objid
    WHERE d.classid = 'pg_trigger'::regclass AND d.command_tag = 'ALTER TRIGGER'
    -- A partition that is detached is not named.
    UNION SELECT c.oid FROM pg_class c WHERE TG_TAG = 'ALTER TABLE' AND c.relkind = 'r' AND c.oid >= 16384
      AND age(c.xmin) <= age(pg_current_xact_id()::xid)
    -- Tables of a type change with it.
    UNION SELECT t.oid FROM pg_event_trigger_ddl_commands() d JOIN pg_class y ON y.oid = d.objid AND y.relkind = 'c'
    JOIN pg_class t ON t.reloftype = y.reltype WHERE d.classid = 'pg_class'::regclass);
  IF named = '{}' THEN RETURN; END IF;
  FOR one IN SELECT windlass.relatives(named) LOOP PERFORM windlass.watch(one); END LOOP;
END $$;

-- These, what inherits from them, and what they inherit from, as far as it replicates or did.
CREATE OR REPLACE FUNCTION windlass.relatives(named oid[]) RETURNS SETOF oid LANGUAGE sql STABLE ${FIXED} AS $$
  WITH RECURSIVE below (relation) AS (
    SELECT unnest(named) UNION SELECT h.inhrelid FROM pg_inherits h JOIN below b ON h.inhparent = b.relation),
  family AS (SELECT b.relation FROM below b UNION SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = ANY (named))
  SELECT f.relation FROM family f JOIN pg_class c ON c.oid = f.relation AND c.relkind = 'r' AND c.relpersistence <> 't'
  ORDER BY f.relation $$;

-- A dropped column may have been in the key, a dropped trigger may have been ours. Of a dropped index only that is known; it can only
-- have been the identity of a table that says to have one.
CREATE OR REPLACE FUNCTION windlass.on_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
DECLARE
  one oid;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d WHERE NOT d.is_temporary) THEN RETURN; END IF;
  FOR one IN
    SELECT d.objid FROM pg_event_trigger_dropped_objects() d WHERE d.classid = 'pg_class'::regclass AND d.object_type IN ('table', 'table column')
    UNION SELECT to_regclass(format('%I.%I', d.address_names[1], d.address_names[2]))::oid FROM pg_event_trigger_dropped_objects() d
    WHERE d.object_type IN ('trigger', 'table constraint')
    UNION SELECT s.relation FROM windlass.shape s WHERE s.identity = 'i' AND NOT s.by_index
  LOOP
    IF EXISTS (SELECT FROM windlass.watched w WHERE w.relation = one) THEN PERFORM windlass.watch(one); END IF;
  END LOOP;
END $$;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'windlass_ddl') THEN
    CREATE EVENT TRIGGER windlass_ddl ON ddl_command_end EXECUTE FUNCTION windlass.on_ddl();
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'windlass_drop') THEN
    CREATE EVENT TRIGGER windlass_drop ON sql_drop EXECUTE FUNCTION windlass.on_drop();
  END IF;
END $$;
ALTER EVENT TRIGGER windlass_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER windlass_drop ENABLE ALWAYS;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA windlass FROM PUBLIC;
`;
