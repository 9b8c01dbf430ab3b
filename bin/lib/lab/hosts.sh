# Sourced: makes, joins and removes hosts. A host is a container with an engine of its own on the lab's network.

# What an engine inside a container needs. --privileged is not possible where the bounding set lacks SYS_RESOURCE.
PRIVILEGES=(--cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined
  --security-opt systempaths=unconfined --device-cgroup-rule 'a *:* rwm' -v /sys/fs/cgroup:/sys/fs/cgroup:rw --cgroupns host)

make_network() { docker network create --driver bridge --subnet "$LAB_SUBNET.0/24" --gateway "$LAB_SUBNET.1" --label "windlass.lab=$LAB" "$NETWORK"; }
ensure_network() { docker network inspect "$NETWORK" >/dev/null 2>&1 || step "make the network $LAB_SUBNET.0/24" make_network; }

make_host() {
  local host=$1 name folder=$HOME_DIR/hosts/$1; name=$(container_of "$host")
  mkdir -p "$folder"; write_worker_script "$host" "$folder/worker.sh"
  if [ "$(host_state "$host")" != absent ]; then heal_host "$host" && load_new_images "$host"; return; fi
  docker volume create --label "windlass.lab=$LAB" "$name-docker" && docker volume create --label "windlass.lab=$LAB" "$name-data" || return 1
  docker run --rm -v "$(cache_volume):/from:ro" -v "$name-docker:/to" --entrypoint cp "$HOST_IMAGE" -a /from/. /to/ || return 1
  docker run -d --name "$name" --hostname "$host" --label "windlass.lab=$LAB" --label "windlass.lab.host=$host" "${PRIVILEGES[@]}" \
    --network "$NETWORK" --ip "$(address_of "$host")" -v "$name-docker:/var/lib/docker" -v "$name-data:/var/lib/windlass" -v "$folder:/windlass" \
    -v "$ROOT:$ROOT:ro" -v "$HOME_DIR/ca:$HOME_DIR/ca:ro" -v "$HOME_DIR/secrets:$HOME_DIR/secrets:ro" "$HOST_IMAGE" || return 1
  wait_for 60 engine_answers "$host"
}
make_hosts() { # 1…n, side by side
  local i pids=() failed=0 pid
  for ((i = 1; i <= $1; i++)); do make_host "host-$i" & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return $failed
}

# The process that the host keeps running. It is told everything by its environment, as on a real host.
write_worker_script() {
  local host=$1 file=$2
  (
    app_env
    export WINDLASS_ETCD_ENDPOINTS=https://$WINDLASS_CONTROL_ADDRESS:$ETCD_PORT WINDLASS_TEMPORAL_ADDRESS=$WINDLASS_CONTROL_ADDRESS:$TEMPORAL_PORT
    export WINDLASS_TEMPORAL_TLS_CA=$HOME_DIR/ca/ca.crt WINDLASS_TEMPORAL_TLS_CERT=$HOME_DIR/ca/root.crt WINDLASS_TEMPORAL_TLS_KEY=$HOME_DIR/ca/root.key WINDLASS_TEMPORAL_TLS_SERVER_NAME=localhost
    export WINDLASS_HOST_ID=$host WINDLASS_DATA_DIR=/var/lib/windlass
    WINDLASS_CLIENT_ADDRESSES=$(address_of "$host"); export WINDLASS_CLIENT_ADDRESSES
    echo '#!/bin/bash'
    export -p | grep -E '^declare -x WINDLASS_' | grep -vE 'WINDLASS_(HOME|LAB|HTTP_PORT|PORT_)'
    printf 'exec node %q\n' "$ROOT/apps/worker/dist/main.js"
  ) >"$file.new"
  chmod +x "$file.new"; mv "$file.new" "$file"
}

in_swarm() { [ "$(inside "$1" docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ]; }
init_swarm() { inside host-1 docker swarm init --advertise-addr "$(address_of host-1)" --default-addr-pool 10.64.0.0/12; }
join_swarm() { # every host is a manager: each worker asks its own engine
  local token; token=$(inside host-1 docker swarm join-token -q manager) || return 1
  inside "$1" docker swarm join --advertise-addr "$(address_of "$1")" --token "$token" "$(address_of host-1):2377"
}
ensure_swarm() {
  local host
  for host in $(hosts); do
    in_swarm "$host" && continue
    if [ "$host" = host-1 ]; then step 'make a swarm on host-1' init_swarm; else step "join $host to the swarm as a manager" join_swarm "$host"; fi
  done
}

host_known() { curl -fsS "$API/v1/hosts/$1" | jq -en 'input.supported_pgedge_versions | length > 0'; } # jq 1.6 takes no input for a yes
wait_for_workers() { local host; for host in $(hosts); do wait_for 60 host_known "$host" || { tail -n 5 "$HOME_DIR/hosts/$host/log/worker.log"; return 1; }; done; }

remove_lab() {
  local id
  for id in $(docker ps -aq --filter "label=windlass.lab=$LAB"); do docker rm -fv "$id" & done; wait
  docker volume ls -q --filter "label=windlass.lab=$LAB" | xargs -r docker volume rm -f
  docker network rm "$NETWORK" 2>/dev/null
  rm -rf "${HOME_DIR:?}"/{etcd,temporal,ca,secrets,hosts,log,run}
}
