# ./dev run: from an empty machine to a page in the browser, and back to nothing on Ctrl-C.

run_everything() {
  local bus=postgres port=8410 fresh= suffix=
  while [[ $# -gt 0 ]]; do
    case $1 in
      --kafka) bus=kafka suffix=-kafka ;;
      --fresh) fresh=1 ;;
      --port) port=${2:-} && shift ;;
      --port=*) port=${1#*=} ;;
      *) die "unknown option '$1' of ./dev run" "./dev help lists them" ;;
    esac
    shift
  done
  [[ $port =~ ^[0-9]+$ ]] && ((port > 0 && port < 65536)) || die "--port wants a number from 1 to 65535, not '$port'"

  use_folders "$suffix"
  PIDS=$DATA/pids
  take_data_folder
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap run_stop EXIT
  stop_leftovers
  [[ -z $fresh ]] || start_over
  port_is_free "$port" || die "port $port on this machine is taken$(port_owner "$port")" \
    "stop what holds it, or take another: ./dev run --port $((port + 1))"
  need_space "$DATA" 500 "the data folder $DATA"

  say "Setting up${suffix:+ with Apache Kafka}:"
  need_packages build run pdf $([[ $bus == postgres ]] || echo kafka)
  need_node
  need_pdf
  need_mail
  [[ $bus == postgres ]] || need_kafka
  build_programs dev fosterwatch fosterwatch-watchdog $([[ $bus == postgres ]] || printf 'fosterwatch-%s ' "${SERVICES[@]}")
  build_web

  # From here on files hold what only this user may read: mails, keys, the broker's records.
  umask 077
  say "  start PostgreSQL, the mail sink${suffix:+, Apache Kafka}"
  postgres_start "$DATA/postgres" "$LOG/postgres.log"
  [[ $bus == postgres ]] || kafka_start "$DATA/kafka"
  mail_start "$DATA/mail" "$LOG/mail.log"
  suite_settings "$bus" "$port"
  [[ $bus == postgres ]] || step "make the topics" "$LOG/topics.log" "$BIN/fosterwatch" topics apply ||
    die "the topics could not be made"
  step "set up the databases" "$LOG/database.log" "$BIN/fosterwatch" database setup ||
    die "the databases could not be set up" "./dev run${suffix:+ --kafka} --fresh starts over with an empty cluster"
  say "  start Fosterwatch"
  suite_start
  suite_ready
  step "load the demonstration agency" "$LOG/demonstration.log" "$BIN/fosterwatch" demonstration load ||
    die "the demonstration agency could not be loaded"
  run_welcome
  run_wait
}

# One ./dev at a time in one data folder. The lock goes with the process that holds it, however that
# ends.
take_data_folder() {
  exec 9<>"$DATA/.fosterwatch"
  flock -n 9 || die "Fosterwatch is already running in $DATA (./dev is process $(cat "$DATA/.fosterwatch"))" \
    "use it, or stop it with Ctrl-C in its terminal, or: kill $(cat "$DATA/.fosterwatch")"
  echo $$ >"$DATA/.fosterwatch"
}

# What a killed ./dev left running is stopped before anything is started.
stop_leftovers() {
  local note
  for note in "$PIDS"/*; do
    [[ -e $note ]] || continue
    running "${note##*/}" >/dev/null && say "  stopping ${note##*/}, left over from a run that was killed"
  done
  suite_stop
  mail_stop
  kafka_stop
  postgres_stop
}

start_over() {
  if [[ -t 0 ]]; then
    local answer
    read -rp "Throw away all data in $DATA? Type yes: " answer
    [[ $answer == yes ]] || die "nothing was thrown away"
  fi
  find "$DATA" -mindepth 1 -maxdepth 1 ! -name .fosterwatch ! -name log -exec rm -rf {} +
}

run_welcome() {
  printf '\nFosterwatch is running:  %s\n\n' "$FOSTERWATCH_PUBLIC_URL"
  say "Sign in with one of these links; each works once (more: ./dev fosterwatch links):"
  "$BIN/fosterwatch" links | sed 's/^/  /'
  printf '\nThe mails it sends:      %s\n' "$MAIL_PAGE"
  [[ $FOSTERWATCH_BUS == postgres ]] || say "Apache Kafka:            $KAFKA_ADDRESS   (kcat -b $KAFKA_ADDRESS -L)"
  printf 'Data and logs:           %s\n\nCtrl-C stops everything and keeps the data.\n' "$DATA"
}

# Until a signal comes, or one of the processes ends, which none should.
run_wait() {
  local pid
  trap 'say; exit 0' INT TERM HUP
  { wait -n -p pid "${!STARTED[@]}" || true; } 2>/dev/null
  suite_died "$pid"
}

run_stop() {
  local code=$?
  trap '' INT TERM HUP
  set +e
  if [[ -n $STEP_PID ]]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null
    wait "$STEP_PID" 2>/dev/null
  fi
  if [[ ${#STARTED[@]} -gt 0 ]]; then
    say "Stopping: the suite, the mail sink, ${KAFKA_ADDRESS:+Kafka, }PostgreSQL."
    suite_stop
    mail_stop
    kafka_stop
    postgres_stop
    say "Stopped. The data is in $DATA."
  fi
  exit "$code"
}

# ./dev fosterwatch ...: the client with the settings of the suite that runs, or of the embedded
# one.
run_client() {
  local suffix
  for suffix in -kafka ''; do
    find_folders "$suffix"
    [[ ! -e $DATA/.fosterwatch ]] || flock -n "$DATA/.fosterwatch" true || break
  done
  [[ -f $DATA/environment ]] || die "there is no data in $DATA yet" "./dev run makes it"
  source "$DATA/environment"
  exec "$BIN/fosterwatch" "$@"
}
