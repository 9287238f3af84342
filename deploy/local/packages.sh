# Debian packages, by what needs them.

PACKAGES_build=(
  build-essential cmake ninja-build ccache lld pkg-config ca-certificates git
  libabsl-dev libboost-dev libcivetweb-dev libcjose-dev libcli11-dev libcsv-dev libcurl4-openssl-dev libfmt-dev libgmime-3.0-dev libgrpc++-dev libjansson-dev
  libpq-dev libprotobuf-dev librdkafka-dev libsodium-dev libspdlog-dev libssl-dev libxlsxwriter-dev nlohmann-json3-dev
  prometheus-cpp-dev protobuf-compiler protobuf-compiler-grpc zlib1g-dev
  libgmock-dev libgtest-dev librapidcheck-dev
)
PACKAGES_run=(postgresql-15 postgresql-client-15 tzdata curl)
# WeasyPrint and what it loads; fonts that its pages name.
PACKAGES_pdf=(python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation)
PACKAGES_kafka=(openjdk-17-jre-headless maven kcat)
PACKAGES_check=(clang-format git python3)
PACKAGES_test=(chromium fonts-liberation curl openssl python3 python3-dateutil)

# need_packages GROUP...: installs what is missing; asks nothing of the network when nothing is.
need_packages() {
  local group names=() missing=()
  for group in "$@"; do
    local -n list=PACKAGES_$group
    names+=("${list[@]}")
    # Debian's npm brings 400 packages; a machine with its own npm needs none of them
    # (toolchain.sh).
    if [[ $group == build ]] && ! command -v npm >/dev/null; then names+=(nodejs npm); fi
  done
  command -v dpkg-query >/dev/null || die "this is not Debian: the packages cannot be installed from here" \
    "use Debian 12 (bookworm), or a container of it"
  mapfile -t missing < <(printf '%s\n' "${names[@]}" | sort -u | grep -vxFf <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null | sed -n 's/^installed //p'
    echo /
  ))
  [[ ${#missing[@]} == 0 ]] && return
  may_become_root || die "these packages are missing, and you are neither root nor allowed to use sudo: ${missing[*]}" \
    "have an administrator run once:  apt-get install --no-install-recommends ${missing[*]}" "then start ./dev again"
  need_space /usr 3000 "installing ${#missing[@]} packages"
  step "install ${#missing[@]} Debian packages and what they need" "$LOG/packages.log" \
    install_packages "${missing[@]}" ||
    die "the packages could not be installed" "run ./dev again; a broken installation is mended first" \
      "or by hand:  apt-get install --no-install-recommends ${missing[*]}"
}

install_packages() {
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -y)
  local install=(install --no-install-recommends)
  finish_earlier_installation || return 1
  "${apt[@]}" update || return 1
  if [[ " $* " == *" postgresql-15 "* ]]; then
    "${apt[@]}" "${install[@]}" postgresql-common && without_main_cluster "${apt[@]}" "${install[@]}" "$@"
  else
    "${apt[@]}" "${install[@]}" "$@"
  fi
}

# What an earlier, killed installation left half done. It may still be running: apt waits for its lock, dpkg does not.
finish_earlier_installation() {
  local i answer
  [[ -n $(as_root dpkg --audit) ]] || return 0
  for ((i = 0; i < 120; ++i)); do
    answer=$(as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a 2>&1) && return
    [[ $answer == *lock* ]] || break
    echo "waiting for another installation to end"
    sleep 5
  done
  printf '%s\n' "$answer"
  return 1
}

# Debian's postgresql-15 makes a cluster on port 5432 and starts it. Nobody asked for that one: ours
# is private. The machine's own setting is put back afterwards.
without_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf code=0
  [[ -e $conf.fosterwatch ]] || as_root cp -p "$conf" "$conf.fosterwatch"
  echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null
  "$@" || code=$?
  as_root mv "$conf.fosterwatch" "$conf"
  return "$code"
}
