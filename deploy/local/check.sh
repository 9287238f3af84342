# ./dev check: what can be said of the sources without running them. Each check prints one line; all
# run, then all findings count.

CHECKS=(format layers proto_lint proto_breaking scripts lock_files browser security deployment observed alerts)

run_checks() {
  use_folders
  need_packages check build
  need_node
  npm_install web "$ROOT/web" "install the web app's packages"
  checks_all
}

checks_all() {
  local check passed=0 failed=0 out=$LOG/check.log
  for check in "${CHECKS[@]}"; do
    if ("check_$check") >"$out" 2>&1; then
      printf '  ok      %s\n' "${check//_/ }"
      passed=$((passed + 1))
    else
      printf '  FAILED  %s\n' "${check//_/ }"
      sed 's/^/    /' "$out"
      failed=$((failed + 1))
    fi
  done
  say "checks: $passed passed, $failed failed"
  ((failed == 0))
}

sources() { git ls-files -z --cached --others --exclude-standard "$@"; }

cpp_sources() {
  sources '*.cc' '*.h' | while IFS= read -r -d '' file; do [[ -f $file ]] && printf '%s\0' "$file"; done
}

check_format() {
  cpp_sources | xargs -0 -r -n 20 -P "$(nproc)" clang-format --dry-run -Werror || {
    echo "./dev format mends it"
    return 1
  }
}

format_sources() {
  use_folders
  need_packages check
  cpp_sources | xargs -0 -r -n 20 -P "$(nproc)" clang-format -i
}

check_layers() { tools/check_layers; }

buf() { web/node_modules/.bin/buf "$@"; }

check_proto_lint() { buf lint protos; }

# Against the commit that protos/baseline names: what others may rest on. To move it on purpose,
# after a decision:
#   git rev-parse HEAD >protos/baseline
check_proto_breaking() {
  local commit before code=0
  commit=$(cat protos/baseline) || return 1
  git cat-file -e "$commit^{commit}" 2>/dev/null || {
    echo "the baseline $commit is not in this clone; in a shallow one: git fetch --unshallow"
    return 1
  }
  before=$(mktemp -d)
  git archive "$commit" protos | tar -x -C "$before" && buf breaking protos --against "$before/protos" || code=1
  rm -rf "$before"
  return $code
}

check_scripts() {
  local file code=0
  while IFS= read -r -d '' file; do
    [[ -f $file && $(head -c 20 "$file" | head -n 1) == '#!'*bash || $file == *.sh ]] || continue
    bash -n "$file" || code=1
  done < <(sources dev .ci deploy tools tests bench)
  return $code
}

# Lock files pin versions and contents, not the place they came from.
check_lock_files() {
  local found
  found=$(sources '*package-lock.json' | xargs -0 -r grep -nE '"resolved": *"https?:' || true)
  [[ -z $found ]] || {
    printf '%s\n' "$found" | head -n 5
    echo "npm install --omit-lockfile-registry-resolved writes them without addresses"
    return 1
  }
}

# What a page shows is text, and what it is told it does not keep (docs/security.md).
check_browser() {
  local found
  found=$(sources 'web/src/*.ts' 'web/*.html' | xargs -0 -r grep -nE \
    'innerHTML|outerHTML|insertAdjacentHTML|unsafe(HTML|SVG|Static)|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB' || true)
  [[ -z $found ]] || {
    printf '%s\n' "$found"
    return 1
  }
}

check_security() { tools/check_security_page; }

check_deployment() { tools/check_deployment; }

check_observed() { tools/check_observed; }

# The rules' own tests, and whether Prometheus can read what the dashboards ask it.
check_alerts() {
  local panels code=0
  need_promtool
  panels=$(mktemp)
  tools/check_observed --expressions >"$panels"
  "$PROMTOOL" check rules deploy/prometheus/rules/*.yml "$panels" || code=1
  "$PROMTOOL" test rules deploy/prometheus/tests/*.yml || code=1
  rm -f "$panels"
  return $code
}
