import { makeRole } from './roles.ts';

/** The role as which a replicator logs in, to its own node and to peers. Who may log in as it is said elsewhere. */
export const REPLICATOR = `
${makeRole('windlass_replicator', 'NOLOGIN')}DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'windlass_replicator' AND NOT rolsuper AND rolinherit AND NOT rolcreaterole
    AND NOT rolcreatedb AND rolreplication AND rolbypassrls) THEN
    ALTER ROLE windlass_replicator NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB REPLICATION BYPASSRLS;
  END IF;
END $$;
`;

/** What it may: read and write the rows of all tables past row level security, use replication origins, and write as if no user did. */
export const RIGHTS = `
DO $$ DECLARE one text; BEGIN
  FOREACH one IN ARRAY ARRAY['pg_read_all_data', 'pg_write_all_data', 'pg_monitor'] LOOP
    IF NOT pg_catalog.pg_has_role('windlass_replicator', one, 'USAGE') THEN EXECUTE pg_catalog.format('GRANT %I TO windlass_replicator', one); END IF;
  END LOOP;
  EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO windlass_replicator', pg_catalog.current_database());
  IF NOT pg_catalog.has_parameter_privilege('windlass_replicator', 'session_replication_role', 'SET') THEN
    GRANT SET ON PARAMETER session_replication_role TO windlass_replicator;
  END IF;
  FOR one IN SELECT p.oid::pg_catalog.regprocedure FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.proname ~ '^pg_(replication_origin_|show_replication_origin_status)'
    OR p.pronamespace = 'windlass'::pg_catalog.regnamespace AND (NOT p.prosecdef OR p.proname IN ('watch', 'prepare_role', 'watch_sequence', 'interleave', 'progress_of', 'end_strangers',
      'ddl_as', 'ddl_guarded', 'ddl_fill', 'ddl_watch'))
      AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
  LOOP EXECUTE pg_catalog.format('GRANT EXECUTE ON ROUTINE %s TO windlass_replicator', one); END LOOP;
END $$;
GRANT SELECT ON pg_catalog.pg_replication_origin_status TO windlass_replicator;
GRANT USAGE ON SCHEMA windlass TO windlass_replicator;
GRANT SELECT ON ALL TABLES IN SCHEMA windlass TO windlass_replicator;
`;
