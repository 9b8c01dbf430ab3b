# Sourced: starts, stops and probes etcd, temporal, server and worker, each with a pid file and a log in $HOME_DIR.
PROCESSES='etcd temporal worker server'
BRIDGE=172.17.0.1

pid_of() { cat "$HOME_DIR/run/$1.pid" 2>/dev/null; }
# running name: the process that was launched under this name lives. Another program may have its number by now.
running() {
  local pid now known; pid=$(pid_of "$1"); [ -n "$pid" ] || return 1
  now=$(started_at "$pid"); [ -n "$now" ] || return 1
  known=$(cat "$HOME_DIR/run/$1.started" 2>/dev/null); [ -z "$known" ] || [ "$known" = "$now" ]
}
# answers name: it does what it is there for. A worker does when etcd has the heartbeat of this very process.
answers() {
  case $1 in
    etcd) ctl endpoint health --command-timeout 2s ;;
    temporal) port_open "$TEMPORAL_PORT" ;;
    server) curl -fsS --max-time 2 "$API/healthz" ;;
    worker) [ "$(heartbeat_pid "$HOST_ID")" = "$(pid_of worker)" ] ;;
    *) running "$1" ;;
  esac >/dev/null 2>&1
}
heartbeat_pid() { ctl get --print-value-only --command-timeout 2s "/windlass/heartbeats/$1" | jq -r .pid; }
# ensure name "what": it runs and answers. One that lives but does not answer within ten seconds is ended and started anew.
ensure() {
  if running "$1"; then
    answers "$1" && return
    try_step "wait for $1, which runs but does not answer" wait_for 10 answers "$1" && return
    step "end $1, which does not answer" end "$1" KILL
  fi
  step "$2" "start_$1"
}
port_open() { (exec 3<>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null; }
free_or_die() { # port, name, variable
  ! port_open "$1" || die "port $1, which $2 needs, is in use by another process; end that one or set $3 to a free port"
}
launch() { # name, command…
  local name=$1; shift
  mkdir -p "$HOME_DIR/run" "$HOME_DIR/log"
  setsid "$@" </dev/null >>"$HOME_DIR/log/$name.log" 2>&1 &
  started_at $! >"$HOME_DIR/run/$name.started"; echo $! >"$HOME_DIR/run/$name.pid"
}
end() { # name, signal
  local pid; pid=$(pid_of "$1")
  if running "$1"; then
    kill "-${2:-TERM}" "$pid" 2>/dev/null
    wait_for 15 not_alive "$pid" || kill -KILL "$pid" 2>/dev/null
  fi
  rm -f "$HOME_DIR/run/$1.pid" "$HOME_DIR/run/$1.started"
}
not_alive() { [ -z "$(started_at "$1")" ]; }

# Where containers and other hosts reach etcd.
bridge_address() { [ -z "${WINDLASS_CONTROL_ADDRESS:-}" ] || { echo "$WINDLASS_CONTROL_ADDRESS"; return; }; docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}' 2>/dev/null | grep . || echo $BRIDGE; }
ensure_trust() { node "$ROOT/packages/resources/dist/platform/clients/make-certificates.js" "$HOME_DIR" "$(bridge_address)"; }
ctl() {
  ETCDCTL_API=3 etcdctl --endpoints "https://127.0.0.1:$ETCD_PORT" --cacert "$HOME_DIR/ca/ca.crt" --cert "$HOME_DIR/ca/root.crt" --key "$HOME_DIR/ca/root.key" "$@"
}
start_etcd() {
  free_or_die "$ETCD_PORT" etcd WINDLASS_ETCD_PORT
  free_or_die "$ETCD_PEER_PORT" "etcd's peers" WINDLASS_ETCD_PEER_PORT
  mkdir -p "$HOME_DIR/etcd"; chmod 700 "$HOME_DIR/etcd"
  launch etcd etcd --name windlass --data-dir "$HOME_DIR/etcd" \
    --listen-client-urls "https://127.0.0.1:$ETCD_PORT,https://$(bridge_address):$ETCD_PORT" --advertise-client-urls "https://$(bridge_address):$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" --initial-cluster "windlass=http://127.0.0.1:$ETCD_PEER_PORT" \
    --cert-file "$HOME_DIR/ca/server.crt" --key-file "$HOME_DIR/ca/server.key" --client-cert-auth --trusted-ca-file "$HOME_DIR/ca/ca.crt" \
    --bcrypt-cost 4 --auto-compaction-mode periodic --auto-compaction-retention 1h # passwords are random: a dear hash buys nothing
  wait_for 20 ctl endpoint health || return 1
  [ -e "$HOME_DIR/etcd/auth-enabled" ] || enable_auth
}
enable_auth() { # Clients prove themselves by certificate; nobody knows this password.
  ctl user add "root:$(head -c 24 /dev/urandom | base64 | tr -d '\n')" && ctl role add root; ctl user grant-role root root && ctl auth enable && touch "$HOME_DIR/etcd/auth-enabled"
}
start_temporal() {
  free_or_die "$TEMPORAL_PORT" Temporal WINDLASS_TEMPORAL_PORT
  free_or_die "$TEMPORAL_UI_PORT" "Temporal's UI" WINDLASS_TEMPORAL_UI_PORT
  mkdir -p "$HOME_DIR/temporal"
  local existed; [ -f "$HOME_DIR/temporal/temporal.db" ] && existed=1
  local told; mapfile -t told < <(grep -v '^#' "$ROOT/bin/lib/temporal.args")
  launch temporal "$(find_temporal)" server start-dev --ip 127.0.0.1 --port "$TEMPORAL_PORT" --ui-port "$TEMPORAL_UI_PORT" --ui-codec-endpoint "http://127.0.0.1:$HTTP_PORT/v1/temporal/codec" --log-level error \
    --db-filename "$HOME_DIR/temporal/temporal.db" --sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=1 "${told[@]}"
  wait_for 30 port_open "$TEMPORAL_PORT" && { [ -z "${existed:-}" ] || correct_search_attributes; }
}
# A server ignores declarations that its file does not have yet.
correct_search_attributes() {
  local known name type call=("$(find_temporal)" operator search-attribute); local at=(--address "127.0.0.1:$TEMPORAL_PORT")
  known=$("${call[@]}" list "${at[@]}") || return 1
  while IFS== read -r name type; do
    grep -qE "^ *$name +$type *$" <<<"$known" && continue
    ! grep -qE "^ *$name " <<<"$known" || "${call[@]}" remove "${at[@]}" --name "$name" --yes || return 1
    "${call[@]}" create "${at[@]}" --name "$name" --type "$type" || return 1
  done < <(grep -oE '^Windlass.*' "$ROOT/bin/lib/temporal.args")
}
app_env() {
  export WINDLASS_CA_CERT=$HOME_DIR/ca/ca.crt WINDLASS_CA_KEY=$HOME_DIR/ca/ca.key WINDLASS_CLIENT_CERT=$HOME_DIR/ca/root.crt WINDLASS_CLIENT_KEY=$HOME_DIR/ca/root.key
  export WINDLASS_MASTER_KEY_FILE=$HOME_DIR/secrets/master.key WINDLASS_ETCD_ENDPOINTS=https://127.0.0.1:$ETCD_PORT WINDLASS_TEMPORAL_ADDRESS=127.0.0.1:$TEMPORAL_PORT
  export WINDLASS_ADVERTISED_ETCD_ENDPOINTS=https://$(bridge_address):$ETCD_PORT WINDLASS_HTTP_PORT=$HTTP_PORT
  export_revision
}
start_worker() { # one host: its own id and data directory
  local id=${1:-$HOST_ID} name=worker; [ "$id" = "$HOST_ID" ] || name=worker-$id
  [ "$id" = "$HOST_ID" ] || rm -f "$HOME_DIR/data/$id/reported" # who starts one more host lets it in, also one that was removed
  (app_env; export WINDLASS_HOST_ID=$id WINDLASS_DATA_DIR=$HOME_DIR/data/$id; launch "$name" node "$ROOT/apps/worker/dist/${WINDLASS_WORKER_ENTRY:-main.js}")
}
worker_answers() { wait_for 60 answers_or_dead worker && answers worker || { tail -n 5 "$HOME_DIR/log/worker.log"; return 1; }; } # the one just started
answers_or_dead() { ! running "$1" || answers "$1"; }
start_server() { free_or_die "$HTTP_PORT" 'the API' WINDLASS_HTTP_PORT; (app_env; export WINDLASS_TEMPORAL_UI_ORIGINS=${WINDLASS_TEMPORAL_UI_ORIGINS-http://127.0.0.1:$TEMPORAL_UI_PORT,http://localhost:$TEMPORAL_UI_PORT} WINDLASS_SERVER_HOST=${WINDLASS_SERVER_HOST-$HOST_ID} WINDLASS_HTTPS_HOST=${WINDLASS_HTTPS_HOST-$(bridge_address)} WINDLASS_SERVER_CERT=$HOME_DIR/ca/server.crt WINDLASS_SERVER_KEY=$HOME_DIR/ca/server.key; launch server node "$ROOT/apps/server/dist/main.js"); wait_for 20 curl -fsS "$API/healthz"; }
ready() { curl -fsS "$API/readyz"; }
# Where loopback asks for a login, too, these commands show the operator's certificate at the address with TLS.
case ${WINDLASS_LOOPBACK_LOGIN:-} in 1 | true | yes | on)
  API=https://${WINDLASS_HTTPS_HOST:-$(bridge_address)}:$HTTP_PORT
  curl() { command curl --cacert "$HOME_DIR/ca/ca.crt" --cert "$HOME_DIR/ca/root.crt" --key "$HOME_DIR/ca/root.key" "$@"; } ;;
esac
ADMIN_TOKEN=$HOME_DIR/secrets/admin.token
token_good() { [ -s "$ADMIN_TOKEN" ] && curl -fsS -o /dev/null -H @<(echo "authorization: Bearer $(cat "$ADMIN_TOKEN")") "$API/v1/tokens" 2>/dev/null; }
make_token() { # of whoever may do everything; made anew when the last one has expired or was revoked
  local answer; answer=$(curl -fsS -X POST "$API/v1/tokens" -H 'content-type: application/json' -d '{"name":"bin/up","role":"admin"}') || return
  (umask 077; jq -r .token <<<"$answer" >"$ADMIN_TOKEN")
}
