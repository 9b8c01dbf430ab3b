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

# begin "what": says what begins, before it does. end_line prints the rest of that line; after signs of life, the line again.
# Of steps that run beside others (see together) only whole lines are printed: signs of life say whose they are.
begin() { WHAT=$1 BEGUN_AT=$(now_ms) SIGNS=$(mktemp); [ -n "${BESIDE_OTHERS:-}" ] || printf '  %-58s' "$WHAT"; }
end_line() { # the rest, printf's format first
  local rest; rest=$(printf "$@")
  if [ -s "$SIGNS" ] || [ -n "${BESIDE_OTHERS:-}" ]; then printf '  %-58s%s\n' "$WHAT" "$rest"; else printf '%s\n' "$rest"; fi
  rm -f "$SIGNS"
}
took() { awk "BEGIN{print ($(now_ms)-$BEGUN_AT)/1000}"; }
# show_life log: every ten seconds a line of its own, with the last words of the log, until it is ended or its shell is gone.
SIGN_OF_LIFE_SECONDS=${WINDLASS_SIGN_OF_LIFE_SECONDS:-10}
show_life() {
  local seconds=0 last
  while sleep "$SIGN_OF_LIFE_SECONDS" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    seconds=$((seconds + SIGN_OF_LIFE_SECONDS)); last=$(last_words "$1")
    [ -s "$SIGNS" ] || [ -n "${BESIDE_OTHERS:-}" ] || echo
    echo "$seconds" >"$SIGNS"
    printf '    … %s%d s%s\n' "${BESIDE_OTHERS:+$WHAT, }" "$seconds" "${last:+: $last}"
  done
}
last_words() { tail -c 2000 "$1" 2>/dev/null | tr -d '\000-\010\013-\037' | grep -vE '^([[:space:]]*$|=== )' | tail -n 1 | sed 's/^[[:space:]]*//' | cut -c1-100; }
# alive log command…: runs the command in a shell of its own, with its output in the log, and shows meanwhile that it goes on.
alive() {
  local log=$1 status life; shift
  show_life "$log" & life=$!; disown "$life"
  ("$@") >>"$log" 2>&1 </dev/null; status=$?
  kill "$life" 2>/dev/null
  return $status
}
# try_step "what" command…: says so before it begins, while it goes on, and how long it took; that it failed is for the caller.
try_step() {
  local status; begin "$1"; shift
  mkdir -p "$HOME_DIR/log"; SETUP_LOG=$HOME_DIR/log/setup${BESIDE_OTHERS:+-$BESIDE_OTHERS}.log
  printf '=== %s\n' "$WHAT" >>"$SETUP_LOG"
  alive "$SETUP_LOG" "$@"; status=$?
  if [ $status = 0 ]; then end_line ' %6.1f s\n' "$(took)"; else end_line " ${WHEN_IT_FAILS:-no}\n"; fi
  return $status
}
# step "what" command…: the same; when it fails, the end of the log is shown and everything ends.
step() {
  WHEN_IT_FAILS=FAILED try_step "$@" && return
  awk '/^=== /{text=""; next} {text=text $0 "\n"} END{printf "%s", text}' "$SETUP_LOG" | tail -n 30 >&2; die "'$1' failed; the whole output is in $SETUP_LOG"
}

# together function…: does at once what needs nothing of one another, each with a log of its own. What fails does not stop the others,
# and ends everything when they are done. Bash lets what runs beside it ignore Ctrl-C: it gets a TERM, with all it has started.
together() {
  local one job jobs=() status=0
  trap 'trap - INT TERM; kill 0' INT
  for one in "$@"; do (BESIDE_OTHERS=$one; "$one") & jobs+=($!); done
  for job in "${jobs[@]}"; do wait "$job" || status=1; done
  trap - INT
  [ $status = 0 ] || exit 1
}

# wait_for seconds command…: repeats a probe every 50 ms.
wait_for() {
  local until=$(( $(now_ms) + $1 * 1000 )); shift
  until "$@" >/dev/null 2>&1; do [ "$(now_ms)" -lt "$until" ] || return 1; sleep 0.05; done
}

# When a process was started, in ticks since the machine was: with its number that is who it is. Nothing for a dead one,
# and for a zombie, which only waits for its parent to look. Of a process that is killed the first thread may be a zombie while
# others still hold its ports: it is dead when all of them are.
started_at() {
  grep -qsvE '^[0-9]+ \(.*\) [ZX] ' /proc/"$1"/task/*/stat && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'
}
# What runs, for GET /v1/version: the commit, with `+dirty` where files differ from it, and its time.
export_revision() {
  [ -z "${WINDLASS_REVISION:-}" ] || return 0
  export WINDLASS_REVISION=unknown WINDLASS_REVISION_TIME=
  local commit; commit=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null) || return 0
  git -C "$ROOT" diff --quiet HEAD 2>/dev/null || commit+=+dirty
  WINDLASS_REVISION=$commit WINDLASS_REVISION_TIME=$(TZ=UTC git -C "$ROOT" log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
}
