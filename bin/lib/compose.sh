# Sourced after install.sh: what docker-compose.yml stands on. Go programs are built once, into the cache folder.
COMPOSE_VERSION=v2.40.3
TEMPORAL_SERVER_VERSION=v1.29.1
TEMPORAL_UI_VERSION=v2.42.1

go_good() { [ "$(printf '%s\n' 1.21 "$(go env GOVERSION 2>/dev/null | tr -d go)" | sort -V | head -n 1)" = 1.21 ]; } # fetches newer ones itself
ensure_go() {
  go_good && return
  step 'install Go (apt)' apt_install golang-go
  go_good || die 'Go >= 1.21 is needed to build Temporal: your distribution has an older one, see https://go.dev/dl'
}
# go_binary file package@version: static, stripped.
go_binary() {
  local folder; folder=$(mktemp -d)
  GOTOOLCHAIN=auto CGO_ENABLED=0 GOFLAGS=-trimpath GOBIN=$folder go install -ldflags '-s -w' "$2" && mkdir -p "$CACHE_DIR/bin" && mv "$folder"/* "$CACHE_DIR/bin/$1"
  local status=$?; rm -rf "$folder"; return $status
}
ensure_go_binary() { # file package@version
  [ -x "$CACHE_DIR/bin/$1" ] && return
  ensure_go
  step "build $1 with go install (kept in the cache folder)" go_binary "$1" "$2"
}

compose_answers() { docker compose version 2>/dev/null | grep -qE ' v?([2-9]|[1-9][0-9])\.'; }
# Its module excludes versions, so that `go install` refuses it: built from the module's folder it gets just the versions it was tested with.
build_compose() {
  local source folder; folder=$(mktemp -d)
  source=$(go mod download -json "github.com/docker/compose/v2@$COMPOSE_VERSION" | jq -r .Dir) && cp -r "$source/." "$folder" && chmod -R u+w "$folder" && mkdir -p "$CACHE_DIR/bin" \
    && (cd "$folder" && GOTOOLCHAIN=auto CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE_VERSION" -o "$CACHE_DIR/bin/docker-compose-$COMPOSE_VERSION" ./cmd)
  local status=$?; rm -rf "$folder"; return $status
}
debian_compose() { # the name of a package that is Compose v2: docker-compose (Debian 13), docker-compose-v2 (Ubuntu)
  local name
  for name in docker-compose-v2 docker-compose; do
    apt-cache policy "$name" 2>/dev/null | grep -qE 'Candidate: ([0-9]+:)?([2-9]|[1-9][0-9])\.' && { echo "$name"; return; }
  done
}
ensure_compose() {
  compose_answers && return
  local package plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins; package=$(debian_compose)
  if [ -n "$package" ]; then step "install Docker Compose: $package (apt)" apt_install "$package"; compose_answers && return; fi
  if [ ! -x "$CACHE_DIR/bin/docker-compose-$COMPOSE_VERSION" ]; then
    ensure_go
    step "build Docker Compose $COMPOSE_VERSION with Go (about 2 min)" build_compose
  fi
  mkdir -p "$plugins"
  step "install Docker Compose $COMPOSE_VERSION as $plugins/docker-compose" ln -sf "$CACHE_DIR/bin/docker-compose-$COMPOSE_VERSION" "$plugins/docker-compose"
  compose_answers || die 'docker does not find the Compose plugin'
}

# binaries_image name:version file=name in the image…: an image that holds nothing but programs, for COPY --from.
binaries_image() {
  local image=$1 folder status pair; shift; folder=$(mktemp -d)
  for pair; do cp "$CACHE_DIR/bin/${pair%%=*}" "$folder/${pair#*=}"; done
  chmod 755 "$folder"; tar -C "$folder" -c . | docker import - "$image"; status=$?
  rm -rf "$folder"; return $status
}
ensure_binaries_image() { has_image "$1" || step "make the image $1" binaries_image "$@"; }

# app_files folder: what server and worker need to run: their programs, and the packages those import.
app_files() {
  local part core
  (cd "$ROOT" && tar -c package.json pnpm-lock.yaml pnpm-workspace.yaml {packages,apps}/*/package.json {packages,apps}/*/dist) | tar -x -C "$1" || return 1
  CI=true pnpm --dir "$1" install --frozen-lockfile --prod --ignore-scripts --prefer-offline || return 1
  for core in "$1"/node_modules/.pnpm/@temporalio+core-bridge*/node_modules/@temporalio/core-bridge/releases; do
    for part in "$core"/*; do [[ $part == */$(uname -m)-unknown-linux-gnu ]] || rm -rf "$part"; done
  done
}
app_files_hash() { (cd "$ROOT" && sha256sum <(cat pnpm-lock.yaml package.json {packages,apps}/*/package.json) <(find {packages,apps}/*/dist -type f -print0 | sort -z | xargs -0 sha256sum) | cut -d ' ' -f 1 | sha256sum | cut -c1-16); }
app_files_image() { # hash
  local folder status; folder=$(mktemp -d)
  app_files "$folder" && chmod 755 "$folder" && tar -C "$folder" --owner 0 --group 0 -c . | docker import --change "LABEL windlass.image.hash=$1" - windlass/app-files:local
  status=$?; rm -rf "$folder"; return $status
}
ensure_app_files() {
  local hash; hash=$(app_files_hash)
  [ "$(docker image inspect --format '{{index .Config.Labels "windlass.image.hash"}}' windlass/app-files:local 2>/dev/null)" = "$hash" ] && return
  step 'gather server, worker and their packages (pnpm)' app_files_image "$hash"
}
ensure_compose_parts() {
  ensure_go_binary "temporal-server-$TEMPORAL_SERVER_VERSION" "go.temporal.io/server/cmd/server@$TEMPORAL_SERVER_VERSION"
  ensure_go_binary "temporal-sql-$TEMPORAL_SERVER_VERSION" "go.temporal.io/server/cmd/tools/sql@$TEMPORAL_SERVER_VERSION"
  ensure_go_binary "temporal-ui-$TEMPORAL_UI_VERSION" "github.com/temporalio/ui-server/v2/cmd/server@$TEMPORAL_UI_VERSION"
  ensure_base trixie
  ensure_images
  ensure_binaries_image "windlass/temporal-binaries:$TEMPORAL_SERVER_VERSION" "temporal-server-$TEMPORAL_SERVER_VERSION=temporal-server" "temporal-sql-$TEMPORAL_SERVER_VERSION=temporal-sql"
  ensure_binaries_image "windlass/temporal-ui-binaries:$TEMPORAL_UI_VERSION" "temporal-ui-$TEMPORAL_UI_VERSION=temporal-ui"
  ensure_workspace; ensure_build; ensure_replicator_image; ensure_app_files
}

compose_environment() {
  export WINDLASS_BRIDGE_ADDRESS=${WINDLASS_BRIDGE_ADDRESS:-$(bridge_address)}
  export_revision
  docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
}
compose() { docker compose --project-directory "$ROOT" --file "$ROOT/docker-compose.yml" "$@"; }
ensure_compose_packages() {
  local missing=()
  command -v curl >/dev/null || missing+=(curl)
  command -v jq >/dev/null || missing+=(jq)
  docker_answers || command -v dockerd >/dev/null || missing+=(docker.io iptables)
  [ ${#missing[@]} = 0 ] || step "install ${missing[*]} (apt)" apt_install "${missing[@]}"
}
prepare_compose() {
  ensure_node; ensure_compose_packages; ensure_pnpm; ensure_docker; ensure_compose; compose_environment; ensure_compose_parts
  step 'build the images of docker-compose.yml' compose build
}
