# Sourced: what the lab looks like now.
host_line() {
  local host=$1 state engine=- swarm=- worker=- faults=''
  state=$(host_state "$host")
  if [ "$state" = running ]; then
    engine=$(timeout 5 docker exec "$(container_of "$host")" docker info --format '{{.ServerVersion}}' 2>/dev/null || echo 'no answer')
    swarm=$(timeout 5 docker exec "$(container_of "$host")" docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)
    worker=$(worker_runs "$host" && echo running || echo away)
    faults=$(inside "$host" sh -c 'iptables -w -t raw -S LAB 2>/dev/null | grep -c DROP')
    [ "${faults:-0}" = 0 ] && faults='' || faults="$faults packet filters"
  fi
  printf '%-8s %-15s %-8s engine %-10s swarm %-8s worker %-8s %s\n' "$host" "$(address_of "$host")" "$state" "$engine" "${swarm:--}" "$worker" "$faults"
}
database_lines() {
  curl -fsS --max-time 5 "$API/v1/databases" 2>/dev/null | jq -r '.databases[] | .id as $id | "\($id) \(.state)", (.instances[]? | "  \(.id) \(.host_id) \(.state) \(.postgres.role // "-")")'
}
lab_status() {
  local host name
  for host in $(hosts); do host_line "$host"; done
  for name in etcd temporal server; do printf '%-8s %s\n' "$name" "$(running "$name" && echo running || echo stopped)"; done
  database_lines
  return 0
}
