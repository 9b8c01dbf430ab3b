import { CONFIG_FILE, STANZA } from '../inside/index.ts';
import { PROOF } from './proof.ts';

/**
 * $0 a word nobody else says, $1 the label, $2 the repository, $3 the major version. What it archives goes nowhere. Postgres
 * tells the SQLSTATE of whatever it says, so that data that cannot be read is told from what else may fail.
 */
export const VERIFY = `
set -eu
export PATH=/usr/lib/postgresql/$3/bin:$PATH PGHOST=/scratch PGUSER=windlass
${PROOF}
rest() { pgbackrest --config=${CONFIG_FILE} --stanza=${STANZA} --repo="$repo" --set="$label" "$@"; }
label=$1 repo=$2
maps=
for oid in $(rest --output=json info | tr -d '\\n' | sed -n 's/.*"tablespace":\\[//p' | grep -o '"oid":[0-9]*}' | grep -o '[0-9]*' || true); do
  maps="$maps --tablespace-map=$oid=/scratch/tablespaces/$oid"
done
rest --pg1-path=/scratch/data --lock-path=/scratch/lock --spool-path=/scratch/spool $maps \\
  --type=immediate --target-action=promote --archive-mode=off restore
serve() {
  rm -f /scratch/out
  mkfifo /scratch/out
  tee /scratch/log < /scratch/out &
  log=$!
  postgres -D /scratch/data -c listen_addresses= -c unix_socket_directories=/scratch -c ssl=off -c archive_mode=off -c hot_standby=off \\
    -c shared_buffers=32MB -c shared_preload_libraries= -c synchronous_standby_names= -c fsync=off -c log_min_messages=warning \\
    -c log_destination=stderr -c logging_collector=off -c "log_line_prefix=[%e] " -c lc_messages=C \\
    -c hba_file=/scratch/data/pg_hba.conf -c ident_file=/scratch/data/pg_ident.conf > /scratch/out 2>&1 &
  server=$!
  until pg_isready -q; do
    kill -0 $server 2>/dev/null || { wait $log || true; return 1; }
    sleep 0.05
  done
}
until serve; do make_room /scratch/log; done
prove /scratch
databases=0; tables=0; bytes=0
calm -d postgres -c "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2" > /scratch/names
while IFS= read -r PGDATABASE; do
  export PGDATABASE
  databases=$((databases + 1))
  tables=$((tables + $(calm -c "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'm')")))
  bytes=$((bytes + $(calm -c "SELECT pg_database_size(current_database())")))
  echo "reading every row of $PGDATABASE"
  pg_dump -f /dev/null < /dev/null
done < /scratch/names
kill -INT $server; wait $server || true
echo "$0 $databases $tables $bytes"
`;
