# ./dev test: everything that is tested, against a PostgreSQL and a Kafka broker that are thrown
# away afterwards.

TEST_KINDS=(check unit component faults web e2e)
TEST_FULL=
declare -i PASSED=0 FAILED=0 SKIPPED=0

# run_tests [KIND...] [--full] [--seed N] [--seconds N]
run_tests() {
  local kinds=() kind servers= built=()
  while (($# > 0)); do
    case $1 in
      --full) TEST_FULL=1 ;;
      --seed)
        [[ ${2:-} =~ ^[0-9]+$ ]] || die '--seed needs a number' 'each run of the fault tests prints its seeds'
        export FOSTERWATCH_TEST_SEED=$2
        shift
        ;;
      --seconds)
        [[ ${2:-} =~ ^[0-9]+$ ]] || die '--seconds needs a number' 'for so long each fuzzer runs'
        TEST_SECONDS=$2
        shift
        ;;
      -*) die "unknown option '$1'" './dev help lists them' ;;
      all) kinds+=("${TEST_KINDS[@]}") ;;
      sanitizers)
        kinds+=(asan tsan tidy)
        TEST_FULL=1
        ;;
      *) kinds+=("$1") ;;
    esac
    shift
  done
  ((${#kinds[@]} > 0)) || kinds=("${TEST_KINDS[@]}")
  for kind in "${kinds[@]}"; do
    [[ $kind =~ ^(check|unit|web|fuzz|tidy|pdf|containers)$ || ($kind == asan && -z $TEST_FULL) ]] || servers=1
    [[ $kind =~ ^(check|web|fuzz|asan|tsan|pdf|containers)$ ]] || built=(all)
  done
  use_folders
  need_packages build check pdf ${servers:+run kafka test}
  need_node
  need_pdf
  npm_install web "$ROOT/web" "install the web app's packages"
  [[ " ${kinds[*]} " != *' unit '* ]] || built+=(unit_tests)
  ((${#built[@]} == 0)) || build_programs dev "${built[@]}"
  test_folders
  if [[ -n $servers ]]; then
    need_mail
    need_kafka
    build_web
    npm_install tests/e2e "$ROOT/tests/e2e" "install the browser tests' packages"
    test_servers
  fi
  [[ ! " ${kinds[*]:1} " =~ ' '(asan|fuzz)' ' || ${kinds[0]} =~ ^(asan|fuzz)$ ]] || asan_ahead
  for kind in "${kinds[@]}"; do
    printf '\n=== %s ===\n' "$kind"
    case $kind in
      check) test_check ;;
      web) test_npm web test ;;
      e2e) test_stories ;;
      faults) test_faults ;;
      conformance | pdf | fuzz | asan | tsan | tidy | containers) "test_$kind" ;;
      *) test_ctest "$kind" ;;
    esac
  done
  test_stop_servers

  printf '\n%s passed, %s failed' "$PASSED" "$FAILED"
  ((SKIPPED == 0)) || printf ', %s skipped' "$SKIPPED"
  printf '\n'
  ((FAILED == 0 && PASSED > 0))
}

test_folders() {
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/fosterwatch-test.XXXXXX")
  chmod 0711 "$SCRATCH"
  PIDS=$SCRATCH/pids
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap test_finish EXIT
}

# Data that lives for minutes needs no disk: a killed process loses nothing without fsync, only a
# machine would.
test_servers() {
  postgres_start "$SCRATCH/postgres" "$SCRATCH/postgres.log" fsync=off
  export FOSTERWATCH_TEST_POSTGRES="host=$POSTGRES_SOCKET user=postgres dbname=postgres"

  local kafka=$SCRATCH/kafka
  kafka_start "$kafka" secured
  # From here on tests stop and start it themselves, so its note lies with the broker.
  mkdir -p "$kafka/pids"
  mv "$PIDS/kafka" "$kafka/pids/kafka"
  echo "$KAFKA_LIBS" >"$kafka/libs"
  printf '#!/bin/sh\nexec %q %q "$1"\n' "$ROOT/deploy/local/kafka/control" "$kafka" >"$kafka/control"
  chmod +x "$kafka/control"
  export FOSTERWATCH_TEST_KAFKA=$KAFKA_ADDRESS FOSTERWATCH_TEST_KAFKA_CONTROL=$kafka/control
  export FOSTERWATCH_TEST_KAFKA_SECURED=$kafka/secured
  export FOSTERWATCH_TEST_MAILDEV=$CACHE/mail/node_modules/maildev/bin/maildev
  export FOSTERWATCH_TEST_CHROMIUM=/usr/bin/chromium
}

test_stop_servers() {
  stories_stop
  containers_stop
  [[ ! -x $SCRATCH/kafka/control ]] || "$SCRATCH/kafka/control" stop
  kafka_stop
  postgres_stop
}

test_finish() {
  local code=$?
  trap '' INT TERM HUP
  set +e
  if [[ -n $STEP_PID ]]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null
    wait "$STEP_PID" 2>/dev/null
  fi
  asan_ahead_stop
  test_stop_servers
  rm -rf "$SCRATCH"
  exit "$code"
}

# --- the stories: told to the suite as ./dev run starts it, in both ways of running ---------------

STORIES_PID=

test_stories() {
  local way
  for way in '' --kafka; do
    printf '\n--- ./dev run %s ---\n' "$way"
    if stories_start $way; then
      (
        source "$SCRATCH/suite${way/--/-}/environment"
        export FOSTERWATCH_URL=$FOSTERWATCH_PUBLIC_URL FOSTERWATCH_BIN=$ROOT/$BIN
        export FOSTERWATCH_MAIL_URL
        FOSTERWATCH_MAIL_URL=$(sed -nE 's/^The mails it sends: +//p' "$SCRATCH/suite.log")
        test_runner npm --prefix tests/e2e run e2e
      ) || true
      test_npm_count
    else
      tail -n 30 "$SCRATCH/suite.log"
      count 0 1 0 1
    fi
    stories_stop
  done
}

# stories_start [--kafka]: until it says that it runs.
stories_start() {
  free_port 8410
  # Whoever allows core files gets none of the suite, which a story looks at.
  ulimit -S -c hard
  FOSTERWATCH_DATA_DIR=$SCRATCH/suite ./dev run "$@" --port "$PORT" >"$SCRATCH/suite.log" 2>&1 </dev/null &
  STORIES_PID=$!
  until grep -q '^Ctrl-C stops everything' "$SCRATCH/suite.log"; do
    kill -0 "$STORIES_PID" 2>/dev/null || return 1
    sleep 0.2
  done
}

stories_stop() {
  [[ -n $STORIES_PID ]] || return 0
  kill -TERM "$STORIES_PID" 2>/dev/null
  wait "$STORIES_PID" 2>/dev/null || true
  STORIES_PID=
}

# --- the runners: each prints its own output and summary, and is counted from it ------------------

# test_runner COMMAND...: shows the output, keeps it in OUTPUT without colours; false if the command
# failed.
test_runner() {
  local code=0
  OUTPUT=$SCRATCH/output
  "$@" 2>&1 </dev/null | tee "$OUTPUT.raw" || code=$?
  sed 's/\x1b\[[0-9;]*m//g' "$OUTPUT.raw" >"$OUTPUT"
  echo $code >"$SCRATCH/code"
  return $code
}

# count PASSED FAILED SKIPPED EXIT_CODE: a runner that fails without a failed test, or ran none, is
# a failure itself.
count() {
  local -i failed=$2
  if (($1 + $2 == 0 || ($4 != 0 && $2 == 0))); then
    say "./dev: that runner $( (($4 == 0)) && echo 'ran no test' || echo "ended with exit code $4")"
    failed+=1
  fi
  PASSED+=$1 FAILED+=failed SKIPPED+=$3
}

# last NUMBER_PATTERN: the number in the last line of the output that fits, or 0.
last() { sed -nE "s/$1/\1/p" "$OUTPUT" | tail -n 1 | grep . || echo 0; }

test_check() {
  local code=0
  test_runner checks_all || code=$?
  count "$(last '^checks: ([0-9]+) passed.*')" "$(last '^checks: .* ([0-9]+) failed')" 0 $code
}

# Fault tests stop servers that the others need, and some of them measure: one at a time. ctest counts
# programs; the cases in them are counted from what GoogleTest reports of each. A program that
# crashed reports nothing, and ctest knows it.
test_ctest() {
  local code=0 reports=$SCRATCH/reports/$1 programs show=--output-on-failure
  local -i cases failed skipped jobs
  jobs=$(nproc)
  [[ $1 != faults && $1 != full ]] || jobs=1 show=--verbose
  GTEST_OUTPUT=xml:$reports/ test_runner ctest --test-dir build/dev -L "^$1\$" "$show" --no-tests=error \
    -j "$jobs" || code=$?
  cases=$(report_sum '<testsuites ' tests "$reports")
  failed=$(report_sum '<testsuites ' failures "$reports")
  skipped=$(report_sum '<testsuite ' skipped "$reports")
  programs=$(last '.*tests passed, ([0-9]+) tests? failed out of [0-9]+')
  say "$1: $cases cases, $failed failed, $skipped skipped"
  count $((cases - failed - skipped)) $((failed > programs ? failed : programs)) "$skipped" $code
}

# The same programs with quick figures or, after --full, with those of docs/reliability.md. What
# they broke, and how often, is added up: "killed kafka after_commit: 25".
test_faults() {
  local label=faults
  [[ -z $TEST_FULL ]] || label=full
  test_ctest "$label"
  awk '/^([0-9]+: )?(killed|cut|relay|member|broke) .*: [0-9]+$/ {
         sub(/^[0-9]+: /, "")
         count = $NF
         sub(/: [0-9]+$/, "")
         times[$0] += count
         if ($1 == "killed") kills += count
       }
       END {
         for (what in times) printf "%6d  %s\n", times[what], what | "sort -k2"
         close("sort -k2")
         if (kills > 0) printf "%6d  killed in all\n", kills
       }' "$OUTPUT"
}

# report_sum TAG ATTRIBUTE FOLDER: the sum of that number over all of GoogleTest's reports there.
report_sum() {
  cat "$3"/*.xml 2>/dev/null | grep -F "$1" | sed -nE "s/.* $2=\"([0-9]+)\".*/\1/p" |
    awk '{sum += $1} END {print sum + 0}'
}

# Vitest writes "Tests  1 failed | 3 passed (4)", node's own runner "# pass 3" or "ℹ pass 3".
test_npm() {
  test_runner npm --prefix "$1" run "$2" || true
  test_npm_count
}

# test_npm_count: of the output that test_runner kept.
test_npm_count() {
  local code passed failed skipped
  OUTPUT=$SCRATCH/output
  code=$(cat "$SCRATCH/code")
  passed=$(($(last '^ *Tests .*[^0-9]([0-9]+) passed.*') + $(last '^[#ℹ] pass ([0-9]+)')))
  failed=$(($(last '^ *Tests .*[^0-9]([0-9]+) failed.*') + $(last '^[#ℹ] fail ([0-9]+)')))
  skipped=$(($(last '^ *Tests .*[^0-9]([0-9]+) skipped.*') + $(last '^[#ℹ] skipped ([0-9]+)')))
  count $passed $failed $skipped $code
}
