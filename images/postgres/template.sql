CREATE ROLE patroni_replicator LOGIN REPLICATION;

CREATE ROLE patroni_rewind LOGIN;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean), pg_catalog.pg_stat_file(text, boolean), pg_catalog.pg_read_binary_file(text), pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO patroni_rewind;

