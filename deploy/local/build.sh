# Compiling the programs and building the web app.

build_everything() {
  use_folders
  need_packages build $([[ $1 != asan ]] || echo asan)
  need_node
  build_programs "$1"
  build_web
}

# build_programs PRESET [TARGET...]
build_programs() {
  local preset=$1 folder=build/$1 target=()
  shift
  [[ $# == 0 ]] || target=(--target "$@")
  [[ -d $folder ]] && need_space . 500 "compiling" || need_space . 3000 "compiling for the first time"
  # A build folder that came along with a moved or copied checkout points to the old place.
  if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$folder/CMakeCache.txt"; then rm -rf "$folder"; fi
  if [[ ! -f $folder/build.ninja ]]; then
    step "configure ($preset)" "$LOG/configure.log" cmake --preset "$preset" || die "the build could not be configured"
  fi
  CMAKE_BUILD_PARALLEL_LEVEL=$(compile_jobs) step "compile ($preset)" "$LOG/compile.log" \
    cmake --build --preset "$preset" "${target[@]}" || die "the programs could not be compiled"
}

# A compiler takes up to 1.5 GB on the files that include gRPC.
compile_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory < cores)) && cores=$memory
  echo $((cores > 1 ? cores : 1))
}

build_web() {
  npm_install web "$ROOT/web" "install the web app's packages"
  local mark=build/web.built
  [[ -f web/dist/index.html && $(cat "$mark" 2>/dev/null) == "$(hash_of web protos)" ]] && return
  step "build the web app" "$LOG/web.log" npm --prefix web run build || die "the web app could not be built"
  mkdir -p build
  # Taken after the build: it may write generated sources.
  hash_of web protos >"$mark"
}
