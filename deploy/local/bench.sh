# ./dev bench: what the machine can do, what Fosterwatch does with it, and, where a folder of peers
# is named, what other stacks do with it, all in one run. Never part of the tests.

BENCH_QUICK='' BENCH_SCALE='' BENCH_PEERS='' BENCH_PEER_NAMES=franz,spring,node BENCH_BUILD=1 BENCH_PRESET=${BENCH_PRESET:-release}
BENCH_WAYS='embedded kafka'

run_bench() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --quick) BENCH_QUICK=1 ;;
      --scale) BENCH_SCALE=1 ;;
      --peers) BENCH_PEERS=$(realpath -- "${2:?--peers wants a folder}") && shift ;;
      --peer-names) BENCH_PEER_NAMES=${2:?--peer-names wants a list} && shift ;;
      --only) BENCH_WAYS=${2:?--only wants embedded or kafka} && shift ;;
      --no-build) BENCH_BUILD= ;;
      *) die "unknown option '$1' of ./dev bench" "./dev help lists them" ;;
    esac
    shift
  done
  [[ -z $BENCH_PEERS || -x $BENCH_PEERS/run ]] || die "$BENCH_PEERS is no folder of peers: there is no program 'run' in it"

  use_folders
  need_space "${TMPDIR:-/tmp}" 4000 "measuring"
  need_packages build run kafka
  need_kafka
  [[ -z $BENCH_BUILD ]] || build_programs "$BENCH_PRESET" fosterwatch_programs fosterwatch_bench
  BIN=build/$BENCH_PRESET/bin
  BENCH=$ROOT/$BIN/fosterwatch_bench
  OPEN_SECONDS=${BENCH_QUICK:+8} CLOSED_SECONDS=${BENCH_QUICK:+8} WARM_SECONDS=${BENCH_QUICK:+5}
  : "${OPEN_SECONDS:=30}" "${CLOSED_SECONDS:=20}" "${WARM_SECONDS:=10}"

  # On a disk, not in memory: a durable commit is what is measured.
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/fosterwatch-bench.XXXXXX")
  chmod 0711 "$SCRATCH"
  PIDS=$SCRATCH/pids RESULTS=$SCRATCH/results
  mkdir -p "$RESULTS"
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap bench_finish EXIT

  bench_servers
  local way
  for way in $BENCH_WAYS; do bench_leg "$way"; done
  kafka_stop
  postgres_stop
  [[ -z $BENCH_PEERS ]] || bench_peers
  printf '\n'
  "$BENCH" table --results "$RESULTS" | tee "$LOG/bench.md"
  printf '\nAll figures: %s\nThe table:   %s\n' "$LOG/bench" "$LOG/bench.md"
  rm -rf "$LOG/bench"
  cp -r "$RESULTS" "$LOG/bench"
}

bench_servers() {
  postgres_start "$SCRATCH/postgres" "$SCRATCH/postgres.log" fsync=on synchronous_commit=on shared_buffers=256MB \
    autovacuum_naptime=10s
  if [[ $BENCH_WAYS == *kafka* ]]; then kafka_start "$SCRATCH/kafka"; fi
  free_port 1025
  MAIL_SMTP=smtp://127.0.0.1:$PORT
  start sink "$RESULTS/sink.txt" "$BENCH" sink --port "$PORT"
}

bench_sql() { # DATABASE STATEMENT...
  local database=$1 statement
  shift
  for statement in "$@"; do
    psql -XAtq -v ON_ERROR_STOP=1 -h "$POSTGRES_SOCKET" -U postgres -d "$database" -c "$statement"
  done
}

bench_databases() { bench_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'fosterwatch%'"; }

bench_vacuum() {
  local database
  for database in $(bench_databases); do bench_sql "$database" 'VACUUM ANALYZE'; done
  bench_sql postgres CHECKPOINT
}

# bench_leg WAY: fresh databases, the agencies, a cold start, warm, open loop, closed loop.
bench_leg() {
  local way=$1 bus=postgres database
  [[ $way == embedded ]] || bus=kafka
  say "Fosterwatch, $way:"
  for database in $(bench_databases); do bench_sql postgres "DROP DATABASE $database WITH (FORCE)"; done
  DATA=$SCRATCH/$way LOG_BEFORE=$LOG LOG=$SCRATCH/$way/log
  mkdir -p "$LOG"
  # Nothing of the leg before.
  unset FOSTERWATCH_ENDPOINTS FOSTERWATCH_GRPC_LISTEN FOSTERWATCH_METRICS_LISTEN FOSTERWATCH_KAFKA
  free_port 8410
  suite_settings "$bus" "$PORT"
  [[ $bus == postgres ]] || step "make the topics" "$LOG/topics.log" "$BIN/fosterwatch" topics apply || die "no topics"
  step "set up the databases" "$LOG/database.log" "$BIN/fosterwatch" database setup || die "no databases"
  suite_start
  suite_ready
  step "record the agencies" "$LOG/prepare.log" "$BENCH" prepare --tokens "$DATA/tokens" || die "no agencies"
  # The time of an alert is that of its row, by the database's clock. The views know nothing of it.
  bench_sql fosterwatch_notifications 'ALTER TABLE view.alert ADD COLUMN bench_at timestamptz DEFAULT clock_timestamp()'
  bench_load "$way" warm --mode closed --seconds "$WARM_SECONDS" --seed 1
  suite_stop
  bench_cold "$way"
  bench_vacuum
  bench_load "$way" open --mode open --connections 64 --rate 100 --seconds "$OPEN_SECONDS" --seed 2
  bench_vacuum
  bench_load "$way" closed --mode closed --connections 32 --seconds "$CLOSED_SECONDS" --seed 3
  bench_counts "$way"
  if [[ $way == embedded ]]; then
    step "the machine's limits" "$LOG/limits.log" "$BENCH" limits --database "host=$POSTGRES_SOCKET user=postgres dbname=fosterwatch_notifiable_events" \
      ${KAFKA_ADDRESS:+--brokers "$KAFKA_ADDRESS"} --json "$RESULTS/limits.json" || die "no limits"
  fi
  suite_stop
  bench_rebuild "$way"
  if [[ -n $BENCH_SCALE && $way == embedded ]]; then bench_scale; fi
  LOG=$LOG_BEFORE
}

# Reports, pages of the list and alerts with ever more facts in the ledger of events. Old facts are
# copies of the first report's under other ids; the relay's mark stands behind them.
bench_scale() {
  local facts have=0 results=()
  for facts in 10000 100000 1000000 10000000; do
    step "$facts facts" "$LOG/scale.log" bench_grow "$have" $((facts / 2)) || die "the ledger could not be filled"
    have=$((facts / 2))
    bench_vacuum
    suite_start
    suite_ready
    bench_load embedded "scale.$facts" --mode open --connections 64 --rate 100 --seconds 15 --seed "$facts"
    "$BENCH" pages --json "$RESULTS/pages.$facts.json" || die "the list could not be read"
    suite_stop
    results+=("$(bench_scale_row "$facts" "$RESULTS/embedded.scale.$facts.json" "$RESULTS/pages.$facts.json")")
  done
  (IFS=, && printf '[%s]\n' "${results[*]}") >"$RESULTS/scale.json"
}

# bench_grow FROM TO: events of that number, two facts and two notices each.
bench_grow() {
  bench_sql fosterwatch_notifiable_events "
    SET synchronous_commit = off;
    WITH model AS (SELECT * FROM ledger.fact WHERE aggregate_type = 'event' AND version <= 2 AND aggregate_id =
        (SELECT aggregate_id FROM ledger.fact WHERE aggregate_type = 'event' ORDER BY position LIMIT 1))
    INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version, name, payload, subject_id, sealed,
      recorded_at, actor, cause, trace_parent)
    SELECT 'old-' || n || '-' || version, 'bench-' || lpad((n % 20)::text, 2, '0'), aggregate_type, 'old-' || n, version,
      name, payload, subject_id, sealed, recorded_at - interval '1 minute' * n, actor, cause, trace_parent
    FROM generate_series($1 + 1, $2) AS n, model ORDER BY n, version" \
    "INSERT INTO view.event SELECT 'bench-' || lpad((n % 20)::text, 2, '0'), 'old-' || n, '{8}', 'C-0001', '', 1,
      now() - interval '1 minute' * n, now() - interval '1 minute' * n, now() - interval '1 minute' * n, 'old', '{}'
    FROM generate_series($1 + 1, $2) AS n" \
    "INSERT INTO view.notice SELECT 'bench-' || lpad((n % 20)::text, 2, '0'), 'old-' || n, 'old-' || n || '-' || k,
      false, now() - interval '1 minute' * n FROM generate_series($1 + 1, $2) AS n, generate_series(1, 2) AS k" \
    "UPDATE ledger.relay SET (tx, position) =
      (SELECT tx::text, position FROM ledger.fact ORDER BY tx DESC, position DESC LIMIT 1)"
}

# bench_scale_row FACTS LOAD PAGES: one line of the table, as JSON.
bench_scale_row() {
  psql -XAtq -h "$POSTGRES_SOCKET" -U postgres -d postgres -v load="$(<"$2")" -v pages="$(<"$3")" -v facts="$1" <<'SQL'
SELECT jsonb_build_object('facts', :facts, 'report_p50_ms', :'load'::jsonb #> '{ack_ms,p50}',
  'report_p99_ms', :'load'::jsonb #> '{ack_ms,p99}', 'alert_p99_ms', :'load'::jsonb #> '{alert_ms,p99}',
  'list_p99_ms', :'pages'::jsonb -> 'p99');
SQL
}

# bench_load WAY PHASE OPTION...
bench_load() {
  local way=$1 phase=$2 watch=() name
  shift 2
  for name in fosterwatch "${SERVICES[@]/#/fosterwatch-}"; do
    [[ -e $PIDS/$name ]] && watch+=(--watch "${name#fosterwatch-}=$(running "$name")")
  done
  watch+=(--watch "postgres=$(running postgres)")
  [[ $way == embedded ]] || watch+=(--watch "kafka=$(running kafka)")
  step "$phase" "$LOG/$phase.log" "$BENCH" load --address "$FOSTERWATCH_HTTP_LISTEN" --tokens "$DATA/tokens" \
    --alerts "host=$POSTGRES_SOCKET user=postgres dbname=fosterwatch_notifications" "${watch[@]}" \
    --json "$RESULTS/$way.$phase.json" "$@" || die "the load failed"
}

# From exec to the first report that is accepted, with the agencies known already.
bench_cold() {
  local before after
  before=$(date +%s%6N)
  suite_start
  "$BENCH" load --mode first --seed "$RANDOM" --address "$FOSTERWATCH_HTTP_LISTEN" --tokens "$DATA/tokens" \
    --json "$RESULTS/$1.cold.json" || die "no report was accepted after a start"
  after=$(sed -nE 's/.*"accepted_unix_us": ([0-9]+).*/\1/p' "$RESULTS/$1.cold.json")
  printf '{"cold_ms": %s}\n' $(((after - before) / 1000)) >"$RESULTS/$1.cold.json"
  suite_ready
}

# Facts of each kind, what they came to for each report, and what waits.
bench_counts() {
  local service counts=
  for service in notifiable_events notifications kpis; do
    counts+=$(bench_sql "fosterwatch_$service" "SELECT string_agg(format('\"%s\": %s', name, count), ', ' ORDER BY name)
      FROM (SELECT name, count(*) FROM ledger.fact GROUP BY name) AS each"),
  done
  printf '{"facts": {%s}, "mails_waiting": %s}\n' "${counts%,}" \
    "$(bench_sql fosterwatch_notifications 'SELECT count(*) FROM view.timer WHERE due_at <= now()')" \
    >"$RESULTS/$1.counts.json"
}

# The views again from the facts; COPY of the same rows is among the limits.
bench_rebuild() {
  local before after
  before=$(date +%s%6N)
  step "rebuild the views of notifiable events" "$LOG/rebuild.log" "$BIN/fosterwatch" rebuild notifiable-events ||
    die "the rebuild failed"
  after=$(date +%s%6N)
  printf '{"seconds": %s, "rows": %s, "facts": %s}\n' "$(((after - before) / 1000))e-3" \
    "$(bench_sql fosterwatch_notifiable_events \
      'SELECT (SELECT count(*) FROM view.event) + (SELECT count(*) FROM view.notice)')" \
    "$(bench_sql fosterwatch_notifiable_events 'SELECT count(*) FROM ledger.fact')" >"$RESULTS/$1.rebuild.json"
}

# The peers bring their own servers, the same versions with the same settings.
bench_peers() {
  local short=(--warm "$WARM_SECONDS" --open "$OPEN_SECONDS" --closed "$CLOSED_SECONDS" --rounds 1)
  [[ -z $BENCH_QUICK ]] || short=(--warm 5 --open 8 --closed 8 --rounds 1)
  step "the peers: $BENCH_PEER_NAMES" "$LOG/bench-peers.log" "$BENCH_PEERS/run" "$SCRATCH/peers" \
    --peers "$BENCH_PEER_NAMES" "${short[@]}" || die "the peers could not be measured"
  cp "$SCRATCH/peers/results.json" "$RESULTS/peers.json"
}

bench_finish() {
  local code=$?
  trap '' INT TERM HUP
  set +e
  if [[ -n $STEP_PID ]]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null
    wait "$STEP_PID" 2>/dev/null
  fi
  suite_stop
  stop sink TERM 5
  kafka_stop
  postgres_stop
  [[ -n ${BENCH_KEEP:-} ]] || rm -rf "$SCRATCH"
  exit "$code"
}
