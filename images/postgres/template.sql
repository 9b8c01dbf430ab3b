CREATE ROLE patroni_replicator LOGIN REPLICATION;

CREATE ROLE patroni_rewind LOGIN;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean), pg_catalog.pg_stat_file(text, boolean), pg_catalog.pg_read_binary_file(text), pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO patroni_rewind;

CREATE ROLE windlass_look LOGIN;

GRANT pg_monitor TO windlass_look;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean), pg_catalog.pg_show_all_file_settings(), pg_catalog.pg_hba_file_rules(), pg_catalog.pg_ident_file_mappings() TO windlass_look;

GRANT SELECT ON pg_catalog.pg_file_settings, pg_catalog.pg_hba_file_rules, pg_catalog.pg_ident_file_mappings TO windlass_look;

GRANT SET ON PARAMETER session_preload_libraries TO windlass_look;

DO $$
DECLARE
  since17 bool := pg_catalog.current_setting('server_version_num')::int4 >= 170000;
  setting record;
  role text;
BEGIN
  IF since17 THEN
    GRANT SET ON PARAMETER event_triggers TO windlass_look;
  END IF;
  FOR setting IN
    SELECT * FROM (VALUES
      ('search_path', 'pg_catalog,pg_temp', false),
      ('role', 'none', false),
      ('session_preload_libraries', '', false),
      ('local_preload_libraries', '', false),
      ('default_transaction_read_only', 'off', false),
      ('default_transaction_isolation', 'read committed', false),
      ('default_transaction_deferrable', 'off', false),
      ('statement_timeout', '0', false),
      ('lock_timeout', '0', false),
      ('idle_in_transaction_session_timeout', '0', false),
      ('idle_session_timeout', '0', false),
      ('exit_on_error', 'off', false),
      ('standard_conforming_strings', 'on', false),
      ('row_security', 'off', false),
      ('DateStyle', 'ISO, MDY', false),
      ('IntervalStyle', 'postgres', false),
      ('TimeZone', 'UTC', false),
      ('bytea_output', 'hex', false),
      ('quote_all_identifiers', 'off', false),
      ('transform_null_equals', 'off', false),
      ('check_function_bodies', 'on', false),
      ('default_tablespace', '', false),
      ('temp_tablespaces', '', false),
      ('default_table_access_method', 'heap', false),
      ('client_min_messages', 'warning', false),
      ('max_parallel_workers_per_gather', '0', false),
      ('jit', 'off', false),
      ('event_triggers', 'off', true),
      ('transaction_timeout', '0', true)
    ) AS s (name, value, is_new) WHERE since17 OR NOT is_new
  LOOP
    PERFORM pg_catalog.set_config(setting.name, setting.value, false);
    FOREACH role IN ARRAY ARRAY['windlass', 'patroni_rewind'] LOOP
      EXECUTE pg_catalog.format('ALTER ROLE %I SET %I FROM CURRENT', role, setting.name);
    END LOOP;
  END LOOP;
END $$;

