# Sourced first by bin/lab: where the lab is. Several labs live side by side when each has its own name, subnet, home and ports.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
LAB=${WINDLASS_LAB:-lab}
LAB_SUBNET=${WINDLASS_LAB_SUBNET:-172.31.96}
export WINDLASS_HOME=${WINDLASS_LAB_HOME:-$ROOT/.windlass/$LAB}
export WINDLASS_CONTROL_ADDRESS=$LAB_SUBNET.1
export WINDLASS_HTTP_PORT=${WINDLASS_HTTP_PORT:-26000} WINDLASS_ETCD_PORT=${WINDLASS_ETCD_PORT:-26379} WINDLASS_ETCD_PEER_PORT=${WINDLASS_ETCD_PEER_PORT:-26390}
export WINDLASS_TEMPORAL_PORT=${WINDLASS_TEMPORAL_PORT:-26233} WINDLASS_TEMPORAL_UI_PORT=${WINDLASS_TEMPORAL_UI_PORT:-26234}
export WINDLASS_SERVER_HOST= # the server runs outside of the hosts
NETWORK=windlass-$LAB
HOST_IMAGE=windlass/host

# Hosts are host-1, host-2 …; each is a container, a folder in $HOME_DIR/hosts, an address and two volumes.
container_of() { echo "windlass-$LAB-$1"; }
address_of() { echo "$LAB_SUBNET.$((10 + ${1#host-}))"; }
hosts() { docker ps -a --filter "label=windlass.lab=$LAB" --filter label=windlass.lab.host --format '{{.Label "windlass.lab.host"}}' | sort; }
known_host() { hosts | grep -qx "${1:-}" || die "the lab has no host '${1:-}' (it has: $(hosts | tr '\n' ' '))"; }
inside() { local host=$1; shift; docker exec "$(container_of "$host")" "$@"; }
inside_with_input() { local host=$1; shift; docker exec -i "$(container_of "$host")" "$@"; }
host_state() { docker inspect --format '{{.State.Status}}' "$(container_of "$1")" 2>/dev/null | grep . || echo absent; }
engine_answers() { inside "$1" docker info --format '{{.ServerVersion}}' 2>/dev/null | grep -q .; }
