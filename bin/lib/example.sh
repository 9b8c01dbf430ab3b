# Sourced: declares examples/hello.json and follows its task.
EXAMPLE_PASSWORD=$HOME_DIR/secrets/hello-app.password

declare_example() {
  [ -f "$EXAMPLE_PASSWORD" ] || (umask 077; head -c 18 /dev/urandom | base64 | tr '+/' 'ab' >"$EXAMPLE_PASSWORD")
  curl -fsS "$API/v1/databases/hello" >/dev/null 2>&1 && return
  host_known >/dev/null 2>&1 || try_step "wait for the first report of host $HOST_ID" wait_for 20 host_known || die "host $HOST_ID has not reported to the API; see $HOME_DIR/log/worker.log"
  echo 'Declaring the database "hello" (examples/hello.json)'
  local answer task
  answer=$(jq --arg pw "$(cat "$EXAMPLE_PASSWORD")" --arg host "$HOST_ID" '.spec.database_users[0].password=$pw | .spec.nodes[0].host_ids=[$host]' "$ROOT/examples/hello.json" | curl -sS -X POST "$API/v1/databases" -H 'content-type: application/json' --data-binary @-)
  task=$(jq -r '.task.task_id // empty' <<<"$answer"); [ -n "$task" ] || die "the API refused the example: $(jq -r .message <<<"$answer")"
  follow hello "$task"
}
host_known() { curl -fsS "$API/v1/hosts/$HOST_ID" | jq -en 'input.supported_pgedge_versions | length > 0'; } # jq 1.6 takes no input for a yes
follow() { # database, task: prints the log as it grows
  local after='' log status
  while :; do
    log=$(curl -sS "$API/v1/databases/$1/tasks/$2/log?after_entry_id=$after")
    jq -r '.entries[] | select(.message | startswith("finished") or startswith("error")) | "  " + .message' <<<"$log"
    after=$(jq -r '.last_entry_id // empty' <<<"$log"); status=$(jq -r .task_status <<<"$log")
    case $status in
      completed) return ;;
      failed | canceled) die "the task is $status: $(curl -sS "$API/v1/databases/$1/tasks/$2" | jq -r '.error // ""')" ;;
    esac
    sleep 0.1
  done
}
port_of_example() { curl -sS "$API/v1/databases/hello" | jq -r '.instances[0].connection_info.port // empty'; }
has_port() { [ -n "$(port_of_example)" ]; }
connect_line() { # of a database that does not answer, how to look at it
  local port; port=$(port_of_example)
  if [ -n "$port" ]; then echo "psql \"postgresql://app:$(cat "$EXAMPLE_PASSWORD")@127.0.0.1:$port/hello\""
  else echo "not yet: the database \"hello\" is $(curl -sS "$API/v1/databases/hello" | jq -r '.state // .message'); see $API/v1/databases/hello"; fi
}
say_where() {
  has_port 2>/dev/null || try_step 'wait until the database "hello" says where it is' wait_for 20 has_port
  cat <<TXT

Windlass is up.

  connect      $(connect_line)
  API          $API/v1
  API docs     $API/docs
  token        ${ADMIN_TOKEN#"$ROOT"/}, for other machines (docs/operations.md, "Who may call the API")
  Temporal UI  http://127.0.0.1:$TEMPORAL_UI_PORT

Try next
  bin/windlass describe database hello
  curl -s $API/v1/databases/hello | jq .
  curl -s $API/v1/databases/hello/resources | jq -r '.resources[] | [.resource, .phase, (.drift|join(","))] | @tsv'
  docker service rm \$(docker service ls -q --filter label=windlass.database=hello), then docs/tour.md, "Repair"
TXT
}
