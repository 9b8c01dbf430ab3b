/**
 * What of schema `windlass` is for users: these functions, for everybody, and nothing else. Types are not: a column of one of them would
 * go when its view is made anew.
 */
export const GRANTS = `
GRANT USAGE ON SCHEMA windlass TO PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA windlass FROM PUBLIC;
GRANT EXECUTE ON FUNCTION windlass.sync_event(boolean), windlass.peers(), windlass.colliding_sequences(),
  windlass.next_id(), windlass.id_time(bigint), windlass.id_node(bigint) TO PUBLIC;
GRANT EXECUTE ON PROCEDURE windlass.wait_for_sync_event(OUT boolean, name, pg_lsn, int, boolean),
  windlass.wait_for_sync_event(OUT boolean, oid, pg_lsn, int, boolean) TO PUBLIC;
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT pg_catalog.format('windlass.%I', t.typname) FROM pg_catalog.pg_type t
    WHERE t.typnamespace = 'windlass'::pg_catalog.regnamespace AND t.typelem = 0 LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', one);
  END LOOP;
END $$;
`;
