#!/usr/bin/env bash
# process.sh start|stop|kill|restart|pid etcd|temporal|worker|server: one process of a running stack, for operators and fault tests.
. "$(dirname "$0")/common.sh"; . "$(dirname "$0")/install.sh"; . "$(dirname "$0")/processes.sh"
case $1 in
  start) "start_$2" ;;
  stop) end "$2" TERM ;;
  kill) end "$2" KILL ;;
  restart) end "$2" TERM; "start_$2" ;;
  pid) pid_of "$2" ;;
  *) die 'usage: process.sh start|stop|kill|restart|pid etcd|temporal|worker|server' ;;
esac
