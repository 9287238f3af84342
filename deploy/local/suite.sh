# The programs of Fosterwatch: their settings, starting them, waiting for them.

SERVICES=(directory placements carers notifiable-events allegations complaints notifications kpis packs gateway)
BIN=build/dev/bin

# suite_settings BUS HTTP_PORT: exports everything the programs are told, and keeps it in
# DATA/environment for the command-line client. PostgreSQL, the mail sink and the broker must be
# running.
suite_settings() {
  export FOSTERWATCH_DATA_DIR=$DATA FOSTERWATCH_BUS=$1
  export FOSTERWATCH_POSTGRES="host=$POSTGRES_SOCKET"
  export FOSTERWATCH_POSTGRES_ADMIN="host=$POSTGRES_SOCKET user=postgres dbname=postgres"
  export FOSTERWATCH_HTTP_LISTEN=127.0.0.1:$2 FOSTERWATCH_PUBLIC_URL=http://127.0.0.1:$2
  export FOSTERWATCH_WEB_DIR=$ROOT/web/dist FOSTERWATCH_SMTP_URL=$MAIL_SMTP
  export FOSTERWATCH_AGENCY_NAMES='demonstration=Demonstration Fostering'
  if [[ $1 == kafka ]]; then
    export FOSTERWATCH_KAFKA=$KAFKA_ADDRESS
    suite_endpoints
  else
    free_port 7410 && export FOSTERWATCH_GRPC_LISTEN=127.0.0.1:$PORT
    free_port 7510 && export FOSTERWATCH_METRICS_LISTEN=127.0.0.1:$PORT
  fi
  local name
  for name in "${!FOSTERWATCH_@}"; do printf 'export %s=%q\n' "$name" "${!name}"; done >"$DATA/environment"
}

# One port for each service, named to all of them.
declare -A GRPC_PORT=() METRICS_PORT=()
suite_endpoints() {
  local service list=
  for service in "${SERVICES[@]}"; do
    free_port 7411 && GRPC_PORT[$service]=$PORT
    free_port 7511 && METRICS_PORT[$service]=$PORT
    list+=,$service=127.0.0.1:${GRPC_PORT[$service]}
  done
  export FOSTERWATCH_ENDPOINTS=${list#,}
}

# Beside the suite and in a process of its own, which tells the mail sink.
watchdog_start() {
  local watched
  if [[ $FOSTERWATCH_BUS == kafka ]]; then
    watched=$FOSTERWATCH_ENDPOINTS
  else
    watched=fosterwatch=$FOSTERWATCH_GRPC_LISTEN
  fi
  free_port 7420
  local grpc=$PORT
  free_port 7520
  FOSTERWATCH_ENDPOINTS=$watched FOSTERWATCH_GRPC_LISTEN=127.0.0.1:$grpc \
    FOSTERWATCH_METRICS_LISTEN=127.0.0.1:$PORT FOSTERWATCH_WATCH_MAIL_TO=ops@fosterwatch.example \
    start fosterwatch-watchdog "$LOG/watchdog.log" "$BIN/fosterwatch-watchdog"
}

suite_start() {
  local service
  if [[ $FOSTERWATCH_BUS == postgres ]]; then
    start fosterwatch "$LOG/fosterwatch.log" "$BIN/fosterwatch" serve
  else
    for service in "${SERVICES[@]}"; do
      FOSTERWATCH_GRPC_LISTEN=127.0.0.1:${GRPC_PORT[$service]} \
        FOSTERWATCH_METRICS_LISTEN=127.0.0.1:${METRICS_PORT[$service]} \
        start "fosterwatch-$service" "$LOG/$service.log" "$BIN/fosterwatch-$service"
    done
  fi
  watchdog_start
}

# suite_ready: waits until the gateway says that everything behind it is ready; the first process
# that ends instead is named with its last words.
suite_ready() {
  local i pid
  for ((i = 0; i < 120 * 10; ++i)); do
    curl -fs -m 5 -o /dev/null "$FOSTERWATCH_PUBLIC_URL/readyz" && return
    for pid in "${!STARTED[@]}"; do
      running "${STARTED[$pid]}" >/dev/null || suite_died "$pid"
    done
    sleep 0.1
  done
  curl -sS -m 5 "$FOSTERWATCH_PUBLIC_URL/readyz" >&2 || true
  die "the suite is not ready after two minutes; what it says of itself is above" "its logs are in $LOG"
}

# suite_died PID: says which process ended, how, and its last words.
suite_died() {
  local name=${STARTED[$1]} code=0 log
  wait "$1" 2>/dev/null || code=$?
  log=$LOG/${name#fosterwatch-}.log
  [[ $name == kafka ]] && log=$DATA/kafka/broker.log
  printf '\nThe last words of %s (%s):\n' "$name" "$log" >&2
  tail -n 20 "$log" | sed 's/^/    /' >&2
  die "$name (process $1) has ended with exit code $code; everything else is being stopped" \
    "./dev run starts it all again"
}

# The gateway first, so that nothing comes in while the others finish what they have.
suite_stop() {
  local name i
  [[ -e $PIDS/fosterwatch-watchdog ]] && stop fosterwatch-watchdog TERM 30
  stop fosterwatch TERM 30
  for ((i = ${#SERVICES[@]} - 1; i >= 0; --i)); do
    name=fosterwatch-${SERVICES[i]}
    [[ -e $PIDS/$name ]] && stop "$name" TERM 30
  done
  return 0
}
