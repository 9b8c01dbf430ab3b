# Sourced: faults of a host, each undone by heal. Clients on this machine reach the published ports through a partition,
# so that a test can see what an isolated database does.
rules() { inside "$1" iptables -w -t "$2" "${@:3}"; }

chains() { # both directions, for the host itself and for its containers
  local host=$1
  rules "$host" raw -N LAB 2>/dev/null && rules "$host" raw -I PREROUTING -i eth0 -j LAB
  rules "$host" mangle -N LAB 2>/dev/null && rules "$host" mangle -I POSTROUTING -o eth0 -j LAB
  rules "$host" raw -L LAB -n >/dev/null && rules "$host" mangle -L LAB -n >/dev/null
}
cut_from() { # host, control|swarm|host-N
  local host=$1 peer=$2 chain end ports=$ETCD_PORT,$TEMPORAL_PORT,$HTTP_PORT
  if [ "$peer" = control ]; then
    rules "$host" raw -A LAB -p tcp -s "$WINDLASS_CONTROL_ADDRESS" -m multiport --sports "$ports" -j DROP
    rules "$host" mangle -A LAB -p tcp -d "$WINDLASS_CONTROL_ADDRESS" -m multiport --dports "$ports" -j DROP
  elif [ "$peer" = swarm ]; then # its managers' own talk only: containers and their networks go on
    for chain in raw mangle; do for end in --sport --dport; do rules "$host" $chain -A LAB -p tcp $end 2377 -j DROP; done; done
  else
    rules "$host" raw -A LAB -s "$(address_of "$peer")" -j DROP
    rules "$host" mangle -A LAB -d "$(address_of "$peer")" -j DROP
  fi
}
others() { hosts | grep -vx "$1"; }
partition_host() { # host [control|swarm|hosts|host-N]…; without peers: from everything but clients
  local host=$1 peer peers=(); shift
  [ $# -gt 0 ] || set -- control hosts
  for peer in "$@"; do if [ "$peer" = hosts ]; then mapfile -t -O "${#peers[@]}" peers < <(others "$host"); else peers+=("$peer"); fi; done
  chains "$host" || return 1
  for peer in "${peers[@]}"; do cut_from "$host" "$peer" || return 1; done
}

# 200 ms and 5 % loss where the kernel has netem; else a narrow line, which queues, and the same loss by a packet filter.
degrade_host() {
  local host=$1
  inside "$host" tc qdisc replace dev eth0 root netem delay 200ms 20ms loss 5% 2>/dev/null && { echo 'netem: 200 ms, 5 % loss'; return; }
  inside "$host" tc qdisc replace dev eth0 root tbf rate 4mbit burst 16kb latency 300ms && chains "$host" || return 1
  rules "$host" raw -A LAB -m statistic --mode random --probability 0.05 -j DROP && echo 'no netem in this kernel: 4 Mbit/s, queue of 300 ms, 5 % loss'
}
undo_network_faults() {
  rules "$1" raw -F LAB 2>/dev/null; rules "$1" mangle -F LAB 2>/dev/null
  inside "$1" tc qdisc del dev eth0 root 2>/dev/null
  return 0
}

freeze_host() { docker pause "$(container_of "$1")" >/dev/null; }
kill_host() { docker kill "$(container_of "$1")" >/dev/null; }
heal_host() {
  local name; name=$(container_of "$1")
  case $(host_state "$1") in
    paused) docker unpause "$name" ;;
    running) ;;
    absent) return 1 ;;
    *) docker start "$name" ;;
  esac >/dev/null || return 1
  rm -f "$HOME_DIR/hosts/$1/worker.off"
  wait_for 60 engine_answers "$1" && undo_network_faults "$1" && wait_for 60 worker_runs "$1"
}

worker_pid() { inside "$1" sh -c 'p=$(cat /run/worker.pid 2>/dev/null) && [ "$(cat /proc/$p/comm 2>/dev/null)" = node ] && echo $p'; }
worker_runs() { [ -n "$(worker_pid "$1")" ]; }
worker_gone() { ! worker_runs "$1"; }
worker_command() { # host, stop|kill|start|freeze|thaw. A killed worker comes back by itself, a stopped one stays away.
  local host=$1 off=$HOME_DIR/hosts/$1/worker.off pid; pid=$(worker_pid "$host")
  case ${2:-} in
    stop) touch "$off"; [ -z "$pid" ] || inside "$host" kill -KILL "$pid"; wait_for 10 worker_gone "$host" ;;
    start) rm -f "$off"; wait_for 20 worker_runs "$host" ;;
    kill) inside "$host" kill -KILL "$pid" ;;
    freeze) inside "$host" kill -STOP "$pid" ;;
    thaw) inside "$host" kill -CONT "$pid" ;;
    *) die 'usage: bin/lab worker <host> stop|start|kill|freeze|thaw' ;;
  esac
}
