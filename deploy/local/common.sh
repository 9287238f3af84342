# What every part uses: words to the person at the terminal, long steps with progress, processes
# that are started and stopped by their own id, folders, ports. Sourced by ./dev, which stands in
# the root of the repository.

ROOT=$PWD
# A caller's libpq settings must not reach the private cluster.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE

# --- words ----------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

# die WHAT [REMEDY...]: one line that says what is wrong, one line for each thing that mends it.
die() {
  printf '\n./dev: %s\n' "$1" >&2
  shift
  local remedy
  for remedy in "$@"; do printf '       %s\n' "$remedy" >&2; done
  exit 1
}

# --- folders --------------------------------------------------------------------------------------

# find_folders [SUFFIX]: sets DATA (kept between starts), LOG in it, and CACHE (what can be fetched
# again).
find_folders() {
  if [[ $EUID == 0 ]]; then
    DATA=${FOSTERWATCH_DATA_DIR:-/var/lib/fosterwatch}
    CACHE=${FOSTERWATCH_CACHE_DIR:-/var/cache/fosterwatch}
  else
    DATA=${FOSTERWATCH_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/fosterwatch}
    CACHE=${FOSTERWATCH_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/fosterwatch}
  fi
  DATA=$(realpath -m "$DATA${1:-}")
  CACHE=$(realpath -m "$CACHE")
  LOG=$DATA/log
}

# use_folders [SUFFIX]: finds them and makes them.
use_folders() {
  find_folders "$@"
  if [[ -d $DATA && ! -e $DATA/.fosterwatch && -n $(ls -A "$DATA" 2>&1) ]]; then
    die "$DATA is not empty and was not made by Fosterwatch" \
      "name another folder: FOSTERWATCH_DATA_DIR=/some/folder ./dev ..."
  fi
  mkdir -p "$LOG" "$CACHE" || die "cannot make the folders $DATA and $CACHE" \
    "name others that you may write: FOSTERWATCH_DATA_DIR=/some/folder FOSTERWATCH_CACHE_DIR=/some/folder ./dev ..."
  # Others may pass through (as root, PostgreSQL runs as its own user) but not look.
  chmod 0711 "$DATA"
  chmod 0700 "$LOG"
  : >>"$DATA/.fosterwatch"
}

# need_space FOLDER MEGABYTES WHAT_FOR
need_space() {
  local folder=$1 free
  while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
  free=$(df --output=avail -BM "$folder" | tail -n 1 | tr -dc 0-9)
  ((free >= $2)) || die \
    "the disk is nearly full: $free MB free on $(df --output=target "$folder" | tail -n 1), $3 needs $2 MB" \
    "make room there, or move data and downloads with FOSTERWATCH_DATA_DIR and FOSTERWATCH_CACHE_DIR"
}

# --- long steps -----------------------------------------------------------------------------------

STEP_PID=

# step WHAT LOGFILE COMMAND...: runs the command in a process group of its own, its output in the
# log file, and shows seconds and the last line of output meanwhile: live on a terminal, every half
# minute elsewhere.
step() {
  local what=$1 log=$2 began=$SECONDS shown=0 code=0 line
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  set -m
  ("$@") >"$log" 2>&1 </dev/null &
  STEP_PID=$!
  set +m
  while kill -0 "$STEP_PID" 2>/dev/null; do
    sleep 0.2
    if [[ -t 1 ]]; then
      line=$(tail -c 400 "$log" | tr '\r' '\n' | grep -a . | tail -n 1 | tr -dc '[:print:]' || true)
      line="  ... $what, $((SECONDS - began)) s  $line"
      printf '\r\033[K%s' "${line:0:$(($(tput cols 2>/dev/null || echo 80) - 1))}"
    elif ((SECONDS - began >= shown + 30)); then
      shown=$((SECONDS - began))
      line=$(tail -c 400 "$log" | tr '\r' '\n' | grep -a . | tail -n 1 | tr -dc '[:print:]' || true)
      printf '  ... %s, %s s  %s\n' "$what" "$shown" "${line:0:100}"
    fi
  done
  wait "$STEP_PID" 2>/dev/null || code=$?
  STEP_PID=
  [[ -t 1 ]] && printf '\r\033[K'
  if [[ $code != 0 ]]; then
    printf '  failed: %s, after %s s; the end of %s:\n\n' "$what" "$((SECONDS - began))" "$log" >&2
    tail -n 40 "$log" | sed 's/^/    /' >&2
    return "$code"
  fi
  printf '  %s (%s s)\n' "$what" "$((SECONDS - began))"
}

# hash_of PATH...: one hash over names and contents of all source files below.
hash_of() {
  find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -print0 | LC_ALL=C sort -z |
    xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1
}

# --- processes ------------------------------------------------------------------------------------
# A started process has a file PIDS/<name> with its id and its start time, so that a leftover of a
# killed run is told from a stranger that got the same id.

PIDS=
declare -A STARTED=()  # process id -> name, of what this shell started

# started_at PID: clock ticks since boot; empty if there is no such process, or only its corpse.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  set -- ${stat##*) }
  [[ $1 == Z ]] || echo "${20}"
}

# start NAME LOGFILE COMMAND...: in the background and in a process group of its own: Ctrl-C reaches
# ./dev alone, and ./dev stops its processes in order. A command must end in the program itself
# (exec), so that the id is the program's.
start() {
  local name=$1 log=$2 pid
  shift 2
  mkdir -p "$PIDS"
  # A log that has grown to 20 MB makes room; the one before is kept.
  [[ $(stat -c %s "$log" 2>/dev/null || echo 0) -lt 20000000 ]] || mv "$log" "$log.1"
  set -m
  "$@" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  set +m
  STARTED[$pid]=$name
  echo "$pid $(started_at "$pid")" >"$PIDS/$name"
}

# running NAME: prints the id if that process lives.
running() {
  local pid since
  read -r pid since 2>/dev/null <"$PIDS/$1" || return 1
  [[ -n $since && $(started_at "$pid") == "$since" ]] && echo "$pid"
}

# stop NAME SIGNAL SECONDS: asks, waits, and only then kills.
stop() {
  local pid i
  if pid=$(running "$1"); then
    kill "-$2" "$pid" 2>/dev/null || as_root kill "-$2" "$pid"
    for ((i = 0; i < $3 * 20; ++i)); do
      running "$1" >/dev/null || break
      sleep 0.05
    done
    if running "$1" >/dev/null; then
      say "  $1 did not stop within $3 s: killed" >&2
      kill -KILL "$pid" 2>/dev/null || true
    fi
    wait "$pid" 2>/dev/null || true
    unset "STARTED[$pid]"
  fi
  rm -f "$PIDS/$1"
}

# wait_until SECONDS NAME CONDITION...: false if the process ends or the time passes first.
wait_until() {
  local i limit=$1 name=$2
  shift 2
  for ((i = 0; i < limit * 20; ++i)); do
    "$@" >/dev/null 2>&1 && return 0
    running "$name" >/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# --- ports ----------------------------------------------------------------------------------------

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port PREFERRED: that port, or the next free one above it. Ports handed out are remembered.
declare -A TAKEN=()
free_port() {
  local port
  for ((port = $1; port < $1 + 200; ++port)); do
    if [[ -z ${TAKEN[$port]:-} ]] && port_is_free "$port"; then
      TAKEN[$port]=1
      PORT=$port
      return
    fi
  done
  die "no free port between $1 and $port on 127.0.0.1"
}

# port_owner PORT: " (nginx, process 812)" where it can be seen, else nothing.
port_owner() {
  local inode link pid
  inode=$(awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && index($2, port) {print $10; exit}' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [[ -n $inode ]] || return 0
  for link in /proc/[0-9]*/fd/*; do
    if [[ $(readlink "$link" 2>/dev/null) == "socket:[$inode]" ]]; then
      pid=${link#/proc/}
      pid=${pid%%/*}
      printf ' (%s, process %s)' "$(cat "/proc/$pid/comm")" "$pid"
      return
    fi
  done
}

# --- root -----------------------------------------------------------------------------------------

as_root() {
  if [[ $EUID == 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# may_become_root: asks for sudo's password once, in the foreground, where there is a terminal.
may_become_root() {
  [[ $EUID == 0 ]] && return
  command -v sudo >/dev/null || return
  sudo -n true 2>/dev/null && return
  [[ -t 0 ]] && say "Some packages are missing; sudo asks for your password to install them." && sudo -v
}
