import { PROOF } from '../backups/proof.ts';

/**
 * What runs in the container of a restore. The scripts come from the worker and not from the image, so that a database can
 * be restored whatever image it was made with. Each reads `settings` beside it.
 */

/**
 * Prints what is in the repository as JSON, then one history of timelines: that of timeline $1, else the newest. $2 names the
 * archive it is in, else it is the newest.
 */
export const LOOK = `#!/bin/sh
set -eu
here=$(dirname "$0")
. "$here/settings"
rest() { pgbackrest --config="$CONFIG" --stanza=db --io-timeout=5 "$@"; }
info=$(rest --output=json info)
printf '%s\\n' "$info"
case $info in *'"backup":[{'*) ;; *) exit 0 ;; esac
archive=\${2:-$(rest repo-ls archive/db | grep -E '^[0-9.]+-[0-9]+$' | sort -t- -k2,2n | tail -1)}
histories=$(rest repo-ls --filter='^[0-9A-F]{8}\\.history$' "archive/db/$archive" | sort)
history=\${1:+$1.history}
[ -n "$history" ] || history=$(echo "$histories" | tail -1)
case " $(echo $histories) " in *" $history "*) ;; *) exit 0 ;; esac
[ -n "$history" ] || exit 0
echo "history $history"
rest repo-get "archive/db/$archive/$history"
`;

/** Prints every symbolic link in the data the instance runs with, and where it leads. */
export const LINKS = `#!/bin/sh
[ ! -d "$1" ] || find "$1" -type l -printf '%P\\t%l\\n' 2> /dev/null || true
`;

/** Copies backup $1 into $DATA, with its tablespaces beside it; begun before, it goes on where it ended. */
export const COPY = `#!/bin/sh
set -eu
here=$(dirname "$0")
. "$here/settings"
[ ! -e "$here/copied" ] || exit 0
label=$1
shift
maps=
for oid in $(pgbackrest --config="$CONFIG" --stanza=db --set="$label" --repo=1 --output=json info | tr -d '\\n' |
  sed -n 's/.*"tablespace":\\[//p' | grep -o '"oid":[0-9]*}' | grep -o '[0-9]*' || true); do
  maps="$maps --tablespace-map=$oid=$TABLESPACES/$oid"
done
pgbackrest --config="$CONFIG" --stanza=db --pg1-path="$DATA" --lock-path="$here/lock" --spool-path="$here/spool" \\
  $maps --log-level-console=detail --delta --type=none --set="$label" "$@" restore
sync "$DATA"
touch "$here/copied"
`;

/**
 * restore_command: a file of the archive and where to put it. 1 says that there is no such file. Whatever else goes wrong must
 * not be taken for the end of the archive: 255 ends the recovery. Histories that were not archived yet are taken from $NEAR,
 * so that a new timeline never has the number of one that exists. There pg_rewind may be writing one at this moment, in place:
 * an empty one would say that its timeline has no ancestors, so one is taken only when its last line is complete, and waited for
 * for 5 s. The first segments are fetched one by one: to begin fetching ahead takes pgBackRest 0.6 s, for one that was fetched
 * before, too, and that is asked for again when the recovery ends.
 */
export const GET_WAL = `#!/bin/sh
here=$(dirname "$0")
. "$here/settings"
near() {
  near=absent
  for directory in $NEAR; do
    [ -e "$directory/$1" ] || continue
    cp "$directory/$1" "$2.near" && near=partial || continue
    [ -z "$(tail -c 1 "$2.near")" ] && tail -n 1 "$2.near" | grep -Eq '^[0-9]+[[:space:]]+[0-9A-F]+/[0-9A-F]+' || continue
    mv "$2.near" "$2" && exit 0
  done
  rm -f "$2.near"
}
case $1 in *.history) near "$1" "$2" ;; *) near=absent ;; esac
count=0 last= code=1
[ ! -e "$here/fetched" ] || read -r count last < "$here/fetched"
ahead=--no-archive-async
case $1 in *.history) ;; *) [ "$count" -lt 8 ] || [ ! "$1" \\> "$last" ] || ahead="--archive-async --spool-path=$here/spool" ;; esac
if [ -n "$CONFIG" ]; then
  pgbackrest --config="$CONFIG" --stanza=db --pg1-path="$DATA" --lock-path="$here/lock" $ahead \\
    archive-get "$1" "$2"
  code=$?
fi
case $code$1 in 0*.history) ;; 0*) echo "$((count + 1)) $1" > "$here/fetched" ;; esac
if [ $code -eq 1 ] && [ $near = partial ]; then
  for try in $(seq 1 50); do sleep 0.1; near "$1" "$2"; done
  echo "ERROR: the history $1 beside the data is not complete" >&2
  exit 255
fi
[ $code -le 1 ] && exit $code
exit 255
`;

/**
 * Recovers $DATA until its target, on a socket nobody else reaches, and stops it cleanly as a database of its own timeline.
 * The signal file is made once: when Postgres has taken it away the target was reached, whatever happened after that.
 */
export const RECOVER = `#!/bin/sh
set -eu
here=$(dirname "$0")
. "$here/settings"
[ ! -e "$here/facts.json" ] || exit 0
${PROOF}
limit() { pg_controldata "$DATA" | sed -n "s/^$1 setting: */$2 = /p"; }
if [ ! -e "$here/signalled" ]; then
  rm -f "$DATA/standby.signal" "$DATA/patroni.dynamic.json"
  touch "$DATA/recovery.signal"
  sync "$DATA"
  touch "$here/signalled"
fi
for link in "$DATA"/pg_tblspc/[0-9]*; do
  [ ! -L "$link" ] || [ -d "$link/" ] || { echo "ERROR:  the tablespace at '$(readlink "$link")' is gone" >&2; exit 1; }
done
{
  limit max_connections max_connections
  limit max_worker_processes max_worker_processes
  limit max_wal_senders max_wal_senders
  limit max_prepared_xacts max_prepared_transactions
  limit max_locks_per_xact max_locks_per_transaction
} > "$here/limits.conf"
serve() {
  rm -f "$DATA/postmaster.pid" "$here"/.s.PGSQL.* "$here/out" "$here/serving"
  mkfifo "$here/out"
  tee "$here/log" < "$here/out" &
  log=$!
  postgres -D "$DATA" -c config_file="$here/postgresql.conf" > "$here/out" 2>&1 &
  server=$!
  until grep -qs '^ready' "$DATA/postmaster.pid"; do
    kill -0 $server 2>/dev/null || { wait $log || true; return 1; }
    sleep 0.05
  done
}
server=
trap '[ -z "$server" ] || { kill -INT $server 2>/dev/null && wait $server; } || true' EXIT
trap 'exit 143' TERM INT
until serve; do make_room "$here/log"; done
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$here" -U windlass -d postgres -f "$1"; }
[ -s "$here/facts.new" ] || { ask "$here/facts.sql" > "$here/facts.tmp"; mv "$here/facts.tmp" "$here/facts.new"; }
[ -e "$here/proven" ] || [ -z "$TABLESPACES" ] || { prove "$here"; touch "$here/proven"; }
ask "$here/after.sql"
# Somebody outside does the rest.
if [ -e "$here/adopts" ]; then
  touch "$here/serving"
  until [ -e "$here/adopted" ]; do
    kill -0 $server 2>/dev/null || { echo "ERROR:  Postgres ended" >&2; exit 1; }
    sleep 0.05
  done
fi
kill -INT $server
wait $server
server=
# A tablespace that was made in the course of the recovery is where WAL says only in this container.
rm -f "$DATA"/pg_tblspc/*.new
for link in "$DATA"/pg_tblspc/[0-9]*; do
  [ -n "$TABLESPACES" ] && [ -L "$link" ] || continue
  place=$(readlink "$link")
  case $place in "$TABLESPACES"/*) continue ;; esac
  ln -s "$TABLESPACES/made\${place#/windlass/data}" "$link.new"
  mv -T "$link.new" "$link"
done
sync "$DATA/pg_tblspc" "$here/facts.new"
mv "$here/facts.new" "$here/facts.json"
`;

/** Prints the timeline $DATA was on when it was stopped. */
export const TIMELINE = `#!/bin/sh
set -eu
. "$(dirname "$0")/settings"
pg_controldata "$DATA" | sed -n "s/^Latest checkpoint's TimeLineID: *//p"
`;
