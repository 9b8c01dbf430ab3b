#!/usr/bin/env bash
# process.sh start|stop|kill|restart|pid etcd|temporal|worker|server: one process of a running stack, for operators and fault tests.
# `start worker <host>` starts one more worker on this engine, named worker-<host>.
. "$(dirname "$0")/common.sh"; . "$(dirname "$0")/install.sh"; . "$(dirname "$0")/processes.sh"
case $1 in
  start) "start_$2" "${@:3}" ;;
  stop) end "$2" TERM ;;
  kill) end "$2" KILL ;;
  restart) end "$2" TERM; "start_$2" ;;
  pid) pid_of "$2" ;;
  *) die 'usage: process.sh start|stop|kill|restart|pid etcd|temporal|worker|server' ;;
esac
