import { FIXED } from './shape.ts';

/** In schema `spock`, too, for scripts that know that. */
export const waitProcedures = (
  schema: 'windlass' | 'spock',
): string => `CREATE OR REPLACE PROCEDURE ${schema}.wait_for_sync_event(
  OUT result boolean, origin name, lsn pg_lsn, timeout int DEFAULT 0, wait_if_disabled boolean DEFAULT false)
LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN result := windlass.wait_for(windlass.number_of(origin::text), lsn, timeout, wait_if_disabled); END $$;
CREATE OR REPLACE PROCEDURE ${schema}.wait_for_sync_event(
  OUT result boolean, origin_id oid, lsn pg_lsn, timeout int DEFAULT 0, wait_if_disabled boolean DEFAULT false)
LANGUAGE plpgsql SECURITY DEFINER ${FIXED} AS $$
BEGIN result := windlass.wait_for(windlass.number_of(origin_id), lsn, timeout, wait_if_disabled); END $$;
ALTER PROCEDURE ${schema}.wait_for_sync_event(OUT boolean, name, pg_lsn, int, boolean) OWNER TO windlass_helper;
ALTER PROCEDURE ${schema}.wait_for_sync_event(OUT boolean, oid, pg_lsn, int, boolean) OWNER TO windlass_helper;
`;

/**
 * The event is a transactional message; a peer's applier answers it with a transaction that does nothing, and the progress of the origin
 * moves. Any commit after it does the same, and a node beats its heart every second: so a wait ends even where the event itself is not
 * committed. Transactions are applied in their order, one after the other: when the progress is at or past the event, what was committed
 * before it is not only applied but visible to every snapshot from then on.
 *
 * Everybody may call: any role can send such a message by pg_logical_emit_message, a row of a table costs more, and who waits holds
 * nothing but a session and a snapshot, as with pg_sleep.
 */
export const SYNC = `
CREATE OR REPLACE FUNCTION windlass.sync_event(transactional boolean DEFAULT true) RETURNS pg_lsn LANGUAGE plpgsql VOLATILE ${FIXED} AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a replica cannot send a sync event' USING ERRCODE = 'read_only_sql_transaction', HINT = 'Call it on the primary.';
  END IF;
  RETURN pg_logical_emit_message(true, 'windlass.sync', '');
END $$;

CREATE OR REPLACE FUNCTION windlass.wait_for(number int, lsn pg_lsn, timeout int, wait_if_disabled boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${FIXED} AS $$
DECLARE
  began CONSTANT timestamptz := clock_timestamp();
  waited double precision := 0;
  progress pg_lsn;
BEGIN
  IF lsn IS NULL OR wait_if_disabled IS NULL OR timeout IS NULL OR timeout < 0 THEN
    RAISE EXCEPTION 'lsn, timeout and wait_if_disabled must not be NULL, and timeout not negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  LOOP
    progress := windlass.progress_of(number);
    IF progress >= lsn THEN RETURN true; END IF;
    IF progress IS NULL AND NOT wait_if_disabled THEN
      RAISE EXCEPTION 'this node does not read from node %', number USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Nothing of it can arrive until it does. With wait_if_disabled => true this is waited for, too.';
    END IF;
    waited := extract(epoch FROM clock_timestamp() - began);
    IF timeout > 0 AND waited >= timeout THEN RETURN false; END IF;
    -- Often at first, ten times a second in the end.
    PERFORM pg_sleep(least(0.1, 0.002 + waited / 50, CASE WHEN timeout > 0 THEN timeout - waited END));
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION windlass.number_of(name text) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER ${FIXED} AS $$
DECLARE
  found int;
BEGIN
  SELECT n.number INTO found FROM windlass.node n WHERE n.name = number_of.name;
  IF found IS NULL THEN
    RAISE EXCEPTION 'there is no node "%"', name USING ERRCODE = 'undefined_object', HINT = 'Names of nodes look like n1.';
  END IF;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION windlass.number_of(number oid) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER ${FIXED} AS $$
BEGIN
  IF number IS NULL OR NOT EXISTS (SELECT FROM windlass.node n WHERE n.number = number_of.number::bigint) THEN
    RAISE EXCEPTION 'there is no node with number %', number USING ERRCODE = 'undefined_object';
  END IF;
  RETURN number::bigint;
END $$;

${waitProcedures('windlass')}
ALTER FUNCTION windlass.wait_for(int, pg_lsn, int, boolean) OWNER TO windlass_helper;
ALTER FUNCTION windlass.number_of(text) OWNER TO windlass_helper;
ALTER FUNCTION windlass.number_of(oid) OWNER TO windlass_helper;
`;
