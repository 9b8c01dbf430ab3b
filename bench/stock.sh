#!/usr/bin/env bash
# stock.sh create|remove NAME PORT, stock.sh end: three members of a stock Patroni (ttl 30, loop_wait 10, replicas by base
# backup) as Swarm services on one overlay network, for comparison. Ports PORT to PORT + 2 are Postgres, + 3 to + 5 Patroni.
# Needs `floor.sh prepare`. STOCK_RESTART=none: a container that ends does not come back. STOCK_SYNC=1: synchronous.
set -eu
verb=$1 name=${2:-} port=${3:-}
dir=${FLOOR_DIR:-${TMPDIR:-/tmp}/windlass-floor}/stock
etcd_port=${FLOOR_ETCD_PORT:-22379}
gateway=$(. "$(dirname "$0")/../bin/lib/common.sh"; . "$ROOT/bin/lib/processes.sh"; bridge_address)
image=$(docker images -q --no-trunc windlass/postgres:17)
sync=$([ "${STOCK_SYNC:-}" = 1 ] && echo true || echo false)
config() { # member
  cat <<YAML
name: $1
scope: $name
namespace: /patroni/
etcd3: { hosts: ["$gateway:$etcd_port"] }
restapi: { listen: "0.0.0.0:8008", connect_address: "$1:8008" }
bootstrap:
  dcs: { ttl: 30, loop_wait: 10, retry_timeout: 10, synchronous_mode: $sync, postgresql: { use_pg_rewind: true } }
  initdb: [data-checksums, { encoding: UTF8 }, { locale: C.UTF-8 }, { username: windlass }]
postgresql:
  data_dir: /windlass/data/pgdata
  bin_dir: /usr/lib/postgresql/17/bin
  listen: "*:5432"
  connect_address: "$1:5432"
  pgpass: /tmp/pgpass
  authentication: { superuser: { username: windlass, password: x }, replication: { username: replicator, password: x }, rewind: { username: rewinder, password: x } }
  pg_hba: ["local all all trust", "host all all all trust", "host replication all all trust"]
  parameters: { unix_socket_directories: /tmp }
YAML
}
case $verb in
  create)
    ETCDCTL_API=3 etcdctl --endpoints "127.0.0.1:$etcd_port" del --prefix "/patroni/$name/" >/dev/null
    docker network create -d overlay "$name" >/dev/null
    for i in 0 1 2; do
      member=$name-m$i at=$dir/$name/m$i
      mkdir -p "$at/config" "$at/data"; config "$member" >"$at/config/patroni.yaml"
      chmod 711 "$dir" "$dir/$name"; chown -R 5432:5432 "$at"; chmod 700 "$at/data"
      docker service create --detach --no-resolve-image --name "$member" --hostname "$member" --network "$name" --endpoint-mode dnsrr --restart-condition "${STOCK_RESTART:-any}" \
        --publish "mode=host,published=$((port + i)),target=5432" --publish "mode=host,published=$((port + 3 + i)),target=8008" \
        --mount "type=bind,src=$at/config,dst=/windlass/config,ro" --mount "type=bind,src=$at/data,dst=/windlass/data" "$image" patroni /windlass/config/patroni.yaml >/dev/null &
    done; wait ;;
  remove)
    for i in 0 1 2; do docker service rm "$name-m$i" >/dev/null 2>&1 || true; done
    for i in 0 1 2; do docker ps -q --filter "label=com.docker.swarm.service.name=$name-m$i" | xargs -r docker kill >/dev/null || true; done
    while docker network inspect "$name" >/dev/null 2>&1; do docker network rm "$name" >/dev/null 2>&1 || sleep 0.1; done
    rm -rf "${dir:?}/${name:?}" ;;
  end) for part in $(find "$dir" -mindepth 1 -maxdepth 1 -type d 2>/dev/null); do bash "$0" remove "$(basename "$part")" || true; done ;;
esac
