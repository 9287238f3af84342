# Node for the web tools and the mail sink. They want 20.19 or newer (and not 21, nor 22 before
# 22.12); Debian 12 has 18, whose npm also leaves out native parts without a word. Where the
# machine's own is too old, a pinned one goes into the cache folder.

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null && node_is_new_enough node && return
  local toolchain=$CACHE/toolchain arch
  arch=$(uname -m)
  arch=${arch/x86_64/x64}
  arch=${arch/aarch64/arm64}
  npm_install deploy/local/toolchain "$toolchain" "fetch Node and npm" --ignore-scripts
  ln -sfn "../node-linux-$arch/bin/node" "$toolchain/node_modules/.bin/node"
  PATH=$toolchain/node_modules/.bin:$PATH
  hash -r
  node_is_new_enough node || die "the Node in $toolchain does not start" "remove that folder and start ./dev again"
}

node_is_new_enough() {
  local major minor
  IFS=. read -r major minor _ < <("$1" --version 2>/dev/null | tr -d v) || return 1
  ((major == 20 && minor >= 19 || major == 22 && minor >= 12 || major > 22))
}

# npm_install SOURCE FOLDER WHAT [OPTION...]: what SOURCE/package-lock.json pins, in
# FOLDER/node_modules. The mark is written last, so a killed installation is done again; an
# unchanged one costs nothing.
npm_install() {
  local source=$1 folder=$2 what=$3 mark
  shift 3
  mark=$(cat "$source"/package{,-lock}.json <(node --version) | sha256sum)
  [[ $(cat "$folder/node_modules/.fosterwatch" 2>/dev/null) == "$mark" ]] && return
  need_space "$(dirname "$folder")" 700 "$what"
  mkdir -p "$folder"
  [[ $source -ef $folder ]] || cp "$source"/package{,-lock}.json "$folder/"
  step "$what" "$LOG/npm-$(basename "$folder").log" npm ci --prefix "$folder" --no-audit --no-fund "$@" ||
    die "npm could not install what $source/package-lock.json pins" \
      "is the npm registry reachable? the log has npm's own words: $LOG/npm-$(basename "$folder").log"
  echo "$mark" >"$folder/node_modules/.fosterwatch"
}
