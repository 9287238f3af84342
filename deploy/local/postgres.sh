# A private PostgreSQL cluster: a folder, a server that listens on nothing but a socket in a folder
# that only its owner may enter. That folder is the lock on the door: inside it every connection is
# trusted. PostgreSQL refuses to run as root, so for root it runs as Debian's user postgres.

POSTGRES_BIN=/usr/lib/postgresql/15/bin

as_postgres() {
  local run=(env -i PATH="$PATH" LANG=C.UTF-8 "$@")
  if [[ $EUID == 0 ]]; then run=(setpriv --reuid=postgres --regid=postgres --init-groups "${run[@]}"); fi
  exec "${run[@]}"
}

# postgres_start FOLDER LOGFILE [SETTING=VALUE...]: makes the cluster if there is none, starts it,
# waits for it. Sets POSTGRES_SOCKET, the folder to name as libpq's host; the superuser is postgres.
postgres_start() {
  local folder=$1 log=$2 settings=() setting
  shift 2
  for setting in "$@"; do settings+=(-c "$setting"); done
  POSTGRES_SOCKET=$folder/socket
  ((${#POSTGRES_SOCKET} <= 90)) || die "the path $POSTGRES_SOCKET is too long for a socket" \
    "name a shorter folder: FOSTERWATCH_DATA_DIR=/some/folder ./dev ..."
  mkdir -p "$POSTGRES_SOCKET"
  chmod 0700 "$folder" "$POSTGRES_SOCKET"
  if [[ $EUID == 0 ]]; then chown postgres:postgres "$folder" "$POSTGRES_SOCKET"; fi
  (as_postgres test -w "$folder") || die "the user postgres may not enter $folder (PostgreSQL does not run as root)" \
    "name a folder outside of /root: FOSTERWATCH_DATA_DIR=/var/lib/fosterwatch ./dev ..."

  if [[ ! -d $folder/cluster ]]; then
    step "make a private PostgreSQL cluster" "$LOG/initdb.log" postgres_init "$folder" ||
      die "the PostgreSQL cluster could not be made in $folder"
  fi
  postgres_clear_leftovers "$folder"
  start postgres "$log" postgres_serve "$folder" "${settings[@]}"
  wait_until 60 postgres "$POSTGRES_BIN/pg_isready" -q -h "$POSTGRES_SOCKET" || {
    tail -n 20 "$log" >&2
    die "PostgreSQL did not start; the end of $log is above" "./dev run --fresh starts over with an empty cluster"
  }
}

# Made under another name and renamed when whole, so that a killed initdb leaves nothing that looks
# like a cluster.
postgres_init() {
  cd "$1" && rm -rf cluster.half &&
    (as_postgres "$POSTGRES_BIN/initdb" --pgdata="$1/cluster.half" --username=postgres --encoding=UTF8 \
      --locale=C.UTF-8 --auth-local=trust --auth-host=reject --data-checksums) &&
    mv cluster.half cluster
}

postgres_serve() {
  cd "$1"
  as_postgres "$POSTGRES_BIN/postgres" -D "$1/cluster" -c listen_addresses= -c unix_socket_directories="$1/socket" \
    -c unix_socket_permissions=0700 -c max_connections=200 -c timezone=UTC -c log_timezone=UTC "${@:2}"
}

# A server that outlived a killed ./dev is stopped; the note of one that is long gone is removed
# (its process id may belong to a stranger by now, and PostgreSQL would refuse to start).
postgres_clear_leftovers() {
  local note=$1/cluster/postmaster.pid pid i
  [[ -f $note ]] || return 0
  read -r pid <"$note" || true
  if [[ -n $pid && $(readlink "/proc/$pid/cwd") == "$1/cluster" ]]; then
    kill -INT "$pid"
    for ((i = 0; i < 600; ++i)); do
      [[ -e $note ]] || return 0
      sleep 0.1
    done
    die "an earlier PostgreSQL (process $pid) does not stop" "kill -QUIT $pid, then start ./dev again"
  fi
  rm -f "$note"
}

# Fast and clean: open transactions end, everything is on disk. What is still connected is cut off.
postgres_stop() { stop postgres INT 60; }
