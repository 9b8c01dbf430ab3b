#!/usr/bin/env bash
# floor.sh prepare|create|remove NAME PORT, floor.sh end: the same database with no control plane: docker service create +
# Patroni + psql. Needs an etcd without TLS; `prepare` starts one. The same image and initdb template as Windlass uses, with the
# package's own Patroni.
set -eu
verb=$1 name=${2:-} port=${3:-}
dir=${FLOOR_DIR:-${TMPDIR:-/tmp}/windlass-floor}
etcd_port=${FLOOR_ETCD_PORT:-22379}
gateway=$(. "$(dirname "$0")/../bin/lib/common.sh"; . "$ROOT/bin/lib/processes.sh"; bridge_address)
image=$(docker images -q --no-trunc windlass/postgres:17)
ctl() { ETCDCTL_API=3 etcdctl --endpoints "127.0.0.1:$etcd_port" "$@"; }
case $verb in
  prepare)
    mkdir -p "$dir"; chmod 711 "$dir"
    if ! ctl endpoint health >/dev/null 2>&1; then
      setsid etcd --data-dir "$dir/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port,http://$gateway:$etcd_port" --advertise-client-urls "http://$gateway:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_port + 1))" --initial-cluster "default=http://127.0.0.1:$((etcd_port + 1))" >/dev/null 2>&1 </dev/null &
      echo $! >"$dir/etcd.pid"
      until ctl endpoint health >/dev/null 2>&1; do sleep 0.1; done
    fi
    [ -z "$name" ] || ctl del --prefix "/patroni/$name/" >/dev/null ;;
  create)
    mkdir -p "$dir/$name/config" "$dir/$name/data"
    docker network create -d overlay "$name" >/dev/null
    cat >"$dir/$name/config/patroni.yaml" <<YAML
name: $name
scope: $name
namespace: /patroni/
etcd3: { hosts: ["$gateway:$etcd_port"] }
restapi: { listen: "0.0.0.0:8008", connect_address: "$name:8008" }
bootstrap:
  dcs: { ttl: 30, loop_wait: 10, retry_timeout: 10 }
  initdb: [data-checksums, { encoding: UTF8 }, { locale: C.UTF-8 }, { username: windlass }]
postgresql:
  data_dir: /windlass/data/pgdata
  bin_dir: /usr/lib/postgresql/17/bin
  bin_name: { initdb: /usr/local/bin/windlass-initdb }
  listen: "*:5432"
  connect_address: "$name:5432"
  pgpass: /tmp/pgpass
  authentication: { superuser: { username: windlass }, replication: { username: replicator, password: x } }
  pg_hba: ["local all all trust", "host all all all trust"]
  parameters: { unix_socket_directories: /tmp }
YAML
    chown -R 5432:5432 "$dir/$name"; chmod 700 "$dir/$name/data"
    docker service create --detach --no-resolve-image --name "$name" --hostname "$name" --network "$name" --endpoint-mode dnsrr --publish "mode=host,published=$port,target=5432" \
      --mount "type=bind,src=$dir/$name/config,dst=/windlass/config,ro" --mount "type=bind,src=$dir/$name/data,dst=/windlass/data" "$image" patroni /windlass/config/patroni.yaml >/dev/null
    until PGCONNECT_TIMEOUT=1 psql -h 127.0.0.1 -p "$port" -U windlass -d postgres -qc "CREATE ROLE app LOGIN PASSWORD 'bench'" >/dev/null 2>&1; do sleep 0.02; done
    psql -h 127.0.0.1 -p "$port" -U windlass -d postgres -qc "CREATE DATABASE $name OWNER app" ;;
  remove)
    docker service rm "$name" >/dev/null 2>&1 || true
    docker ps -q --filter "label=com.docker.swarm.service.name=$name" | xargs -r docker kill >/dev/null || true
    while docker network inspect "$name" >/dev/null 2>&1; do docker network rm "$name" >/dev/null 2>&1 || sleep 0.1; done
    rm -rf "${dir:?}/$name" ;;
  end)
    for part in $(find "$dir" -mindepth 2 -maxdepth 2 -name config 2>/dev/null); do bash "$0" remove "$(basename "$(dirname "$part")")" 0 || true; done
    [ ! -f "$dir/etcd.pid" ] || kill "$(cat "$dir/etcd.pid")" 2>/dev/null || true
    rm -rf "${dir:?}" ;;
esac
