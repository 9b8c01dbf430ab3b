# Sourced by the commands in bin/: where things are, and how to speak. Every value can be set from outside.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HOME_DIR=${WINDLASS_HOME:-$ROOT/.windlass}
CACHE_DIR=${WINDLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/windlass}
HTTP_PORT=${WINDLASS_HTTP_PORT:-3000}
ETCD_PORT=${WINDLASS_ETCD_PORT:-2379}
ETCD_PEER_PORT=${WINDLASS_ETCD_PEER_PORT:-2390}
TEMPORAL_PORT=${WINDLASS_TEMPORAL_PORT:-7233}
TEMPORAL_UI_PORT=${WINDLASS_TEMPORAL_UI_PORT:-8233}
HOST_ID=${WINDLASS_HOST_ID:-host-1}
MAJORS=${WINDLASS_POSTGRES_MAJORS:-17}
API=http://127.0.0.1:$HTTP_PORT
export NODE_NO_WARNINGS=1

now_ms() { date +%s%3N; }
die() { printf 'windlass: %s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The first lines of the command, which say what it takes.
usage() { sed -n '2,/^\(set -u\|export\)/{/^\(set -u\|export\)/d;s/^# \{0,1\}//;p}' "$0"; }
# takes 'option|option' arguments…: another argument, and --help, get the usage.
takes() {
  local known=$1 argument; shift
  for argument in "$@"; do
    [[ $argument =~ ^($known)$ ]] && continue
    usage
    case $argument in -h | --help) exit 0 ;; esac
    printf 'windlass: unknown argument: %s\n' "$argument" >&2; exit 2
  done
}

# step "what" command…: one line with its time; the output goes to a log that is shown when the command fails.
step() {
  local what=$1 started log; shift
  started=$(now_ms); mkdir -p "$HOME_DIR/log"; log=$HOME_DIR/log/setup.log
  if "$@" >>"$log" 2>&1 </dev/null; then
    printf '  %-58s %6.1f s\n' "$what" "$(awk "BEGIN{print ($(now_ms)-$started)/1000}")"
  else
    printf '  %-58s FAILED\n' "$what"; tail -n 30 "$log" >&2; die "'$what' failed; the whole output is in $log"
  fi
}

# wait_for seconds command…: repeats a probe every 50 ms.
wait_for() {
  local until=$(( $(now_ms) + $1 * 1000 )); shift
  until "$@" >/dev/null 2>&1; do [ "$(now_ms)" -lt "$until" ] || return 1; sleep 0.05; done
}
