# Sourced: the image of a host, and a volume that holds an engine's data with the Postgres images already loaded.
host_image_hash() { (cd "$ROOT/images/host" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c1-16); }
host_image_current() { [ "$(docker image inspect --format '{{index .Config.Labels "windlass.image.hash"}}' "$HOST_IMAGE" 2>/dev/null)" = "$(host_image_hash)" ]; }
build_host_image() { DOCKER_BUILDKIT=0 docker build --network host --label "windlass.image.hash=$(host_image_hash)" -t "$HOST_IMAGE" "$ROOT/images/host"; }
ensure_host_image() {
  host_image_current && return
  if ! has_image debian:trixie-slim && ! try_step 'pull the base image debian:trixie-slim' pull_base trixie; then step 'make the base image debian:trixie-slim (mmdebstrap)' make_base trixie; fi
  step "build the image $HOST_IMAGE" build_host_image
}

database_images() { local major; for major in $MAJORS; do echo "windlass/postgres:$major"; done; echo windlass/replicator:latest; }
# shellcheck disable=SC2046 -- one word per image
cache_volume() { echo "windlass-lab-images-$( (docker image inspect --format '{{.Id}}' $(database_images); host_image_hash) | sha256sum | cut -c1-12)"; }
cache_complete() { [ "$(docker run --rm -v "$1:/cache:ro" --entrypoint sh "$HOST_IMAGE" -c 'cat /cache/complete' 2>/dev/null)" = yes ]; }

# An engine loads the images once; its data is what every host begins with.
make_cache() {
  local volume=$1 loader=windlass-$LAB-loader
  docker rm -f "$loader" 2>/dev/null
  docker run -d --name "$loader" "${PRIVILEGES[@]}" -v "$volume:/var/lib/docker" "$HOST_IMAGE" || return 1
  # shellcheck disable=SC2046
  wait_for 60 docker exec "$loader" docker info && docker save $(database_images) | docker exec -i "$loader" docker load
  local status=$?
  docker stop -t 20 "$loader"; docker rm -f "$loader"
  [ $status = 0 ] && docker run --rm -v "$volume:/cache" --entrypoint sh "$HOST_IMAGE" -c 'rm -rf /cache/engine-id /cache/swarm && sync -f /cache && echo yes >/cache/complete'
}
ensure_cache() {
  local volume; volume=$(cache_volume)
  docker volume inspect "$volume" >/dev/null 2>&1 && cache_complete "$volume" && return
  docker volume rm -f "$volume" >/dev/null 2>&1
  step 'load the Postgres images into an engine, for all hosts' make_cache "$volume"
}
load_new_images() { # into a host that was made before they were
  local image id
  for image in $(database_images); do
    id=$(docker image inspect --format '{{.Id}}' "$image")
    [ "$(inside "$1" docker image inspect --format '{{.Id}}' "$image" 2>/dev/null)" = "$id" ] || docker save "$image" | inside_with_input "$1" docker load || return 1
  done
}
