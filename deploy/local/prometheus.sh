# promtool, which reads and tests the alert rules: taken out of Debian's package, which apt checks.
# The package itself is not installed, since that would start a Prometheus that nobody asked for.

PROMETHEUS_VERSION=2.42.0

# need_promtool: sets PROMTOOL.
need_promtool() {
  local folder=$CACHE/prometheus-$PROMETHEUS_VERSION
  PROMTOOL=$folder/promtool
  [[ -x $PROMTOOL ]] && return
  step "fetch promtool" "$LOG/promtool.log" promtool_fetch "$folder" ||
    die "promtool could not be fetched from the Debian package prometheus" \
      "can apt-get reach its archive?  apt-get update && apt-get download prometheus"
}

promtool_fetch() {
  local half=$1.half
  rm -rf "$half"
  mkdir -p "$half"
  [[ -n $(apt-cache madison prometheus 2>/dev/null) ]] || as_root apt-get update || return 1
  (cd "$half" && apt-get download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb |
    tar -x --strip-components=3 ./usr/bin/promtool && rm prometheus_*.deb && ./promtool --version) || return 1
  rm -rf "$1"
  mv "$half" "$1"
}
