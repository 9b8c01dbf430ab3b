/**
 * What runs in the container that copies a node. `node` beside them says which; `services` how each node is reached, by its number, and as `base`
 * the one that is copied, for its files. A connection is tried again, as a primary may move at any moment.
 */
const ASK = `
here=$(dirname "$0")
. "$here/settings"
. "$here/node"
export PGSERVICEFILE="$here/services"
fail() { echo "ERROR:  $1" >&2; exit 1; }
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 "service=$1 dbname=$DATABASE" -c "$2" 2> "$here/said"; }
# $1 says what is waited for, at most $2 s; the rest is a command, until it succeeds.
until_done() {
  what=$1
  end=$(($(date +%s) + $2))
  shift 2
  until "$@"; do
    [ "$(date +%s)" -lt "$end" ] || fail "not within the time: $what; $(grep -v '^$' "$here/said" | tail -n 1 | sed -E 's/(ERROR|FATAL|PANIC): *//')"
    echo "waiting for $what"
    sleep 0.2
  done
}
`;

/**
 * Makes the slots from which the new node will read, and waits until the node that is copied has applied what the others had written before
 * theirs were made: the new node gets that with the copy, and all later from the slots. A slot that is there already only reaches further back.
 */
export const JOIN = `#!/bin/sh
set -eu
${ASK}
slot=windlass_n$NUMBER
ready() {
  [ "$(ask "$1" "SELECT count(*) FROM pg_catalog.pg_replication_slots WHERE slot_name = '$slot' AND plugin = 'pgoutput'
    AND database = pg_catalog.current_database() AND confirmed_flush_lsn IS NOT NULL AND wal_status <> 'lost'")" = 1 ]
}
make() {
  ready "$1" && return 0
  version=$(ask "$1" 'SHOW server_version_num') || return 1
  failover=
  [ "$version" -lt 170000 ] || failover=', true'
  ask "$1" "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
    WHERE slot_name = '$slot' AND wal_status = 'lost'" > "$here/out" || return 1
  ask "$1" "SELECT pg_catalog.pg_create_logical_replication_slot('$slot', 'pgoutput', false, false$failover)" > "$here/out" || return 1
  ready "$1"
}
applied() {
  [ "$(ask "$SOURCE" "SELECT pg_catalog.pg_replication_origin_progress('windlass_n$1', false) >= '$2'::pg_catalog.pg_lsn")" = t ]
}
mark() { at=$(ask "$1" 'SELECT pg_catalog.pg_current_wal_lsn()') && [ -n "$at" ]; }
for number in $THERE; do
  until_done "a slot at $(name "$number"), whose transactions that run have to end" "$ANSWER_LIMIT" make "$number"
done
for number in $THERE; do
  [ "$number" != "$SOURCE" ] || continue
  until_done "$(name "$number") to say how far it has written" "$ANSWER_LIMIT" mark "$number"
  until_done "$(name "$SOURCE") to apply what $(name "$number") wrote" "$APPLY_LIMIT" applied "$number" "$at"
done
`;

/** Copies the files of the node. It cannot go on where it ended: begun before, it begins anew. */
export const BASE_BACKUP = `#!/bin/sh
set -eu
${ASK}
[ ! -e "$here/copied" ] || exit 0
places() {
  ask "$SOURCE" "SELECT oid || ' ' || pg_catalog.pg_tablespace_location(oid) FROM pg_catalog.pg_tablespace
    WHERE pg_catalog.pg_tablespace_location(oid) <> ''" > "$here/places"
}
until_done "$(name "$SOURCE") to name its tablespaces" "$ANSWER_LIMIT" places
find "$DATA" -mindepth 1 -delete
for place in "$TABLESPACES"/[0-9]*; do rm -rf "$place"; done
set --
while read -r oid place; do
  set -- "$@" "--tablespace-mapping=$(echo "$place" | sed 's/=/\\\\=/g')=$TABLESPACES/$oid"
done < "$here/places"
pg_basebackup --pgdata="$DATA" --dbname=service=base --wal-method=stream --checkpoint=fast --no-manifest --progress "$@" \\
  > "$here/backup.log" 2>&1 &
backup=$!
trap 'kill $backup 2>/dev/null || true' EXIT
trap 'exit 143' TERM INT
while kill -0 $backup 2>/dev/null; do
  tr '\\r' '\\n' < "$here/backup.log" | grep -v '^$' | tail -n 1 || true
  sleep 0.2
done
wait $backup || fail "$(grep -v '^ *[0-9]' "$here/backup.log" | tail -n 1 | sed 's/^pg_basebackup: error: //')"
trap - EXIT
clock() { ask "$SOURCE" "SET TimeZone = 'UTC'; SELECT pg_catalog.clock_timestamp()" > "$here/until"; }
until_done "$(name "$SOURCE") to tell the time" "$ANSWER_LIMIT" clock
# Of what was set there by ALTER SYSTEM, what is about its own standbys and its own archive stays there.
sed -i -E '/^(primary_|recovery_|restore_command|archive_|synchron|listen_|port)/d' "$DATA/postgresql.auto.conf"
rm -rf "$DATA"/pg_replslot/* "$DATA/standby.signal" "$DATA/recovery.signal"
sync "$DATA"
touch "$here/copied"
`;

/** Nobody will read from the slots: they would keep the log of every node. */
export const GIVE_UP = `#!/bin/sh
set -eu
${ASK}
drop() {
  ask "$1" "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
    WHERE slot_name = 'windlass_n$NUMBER' AND NOT active" > "$here/out"
}
for number in $THERE; do until_done "$(name "$number") to drop the slot" 5 drop "$number"; done
`;
