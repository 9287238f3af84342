# A real Apache Kafka broker (KRaft, one node, loopback) from its published Maven artifacts.

KAFKA_VERSION=4.3.0

# need_kafka: the artifacts in the cache, each with the checksum that is committed here. Checked at
# every start: a half written file is fetched again, a wrong one stops everything.
need_kafka() {
  KAFKA_LIBS=$CACHE/kafka-$KAFKA_VERSION
  kafka_verify "$KAFKA_LIBS" >/dev/null 2>&1 && return
  need_space "$CACHE" 400 "fetching Apache Kafka"
  rm -rf "$KAFKA_LIBS" "$KAFKA_LIBS.half" "$KAFKA_LIBS.half.m2"
  step "fetch Apache Kafka $KAFKA_VERSION" "$LOG/kafka-fetch.log" kafka_fetch "$KAFKA_LIBS.half" ||
    die "APACHE KAFKA COULD NOT BE FETCHED from the Maven repository: nothing that needs a broker can run" \
      "can mvn reach the Maven repository, or the mirror in ~/.m2/settings.xml?"
  kafka_verify "$KAFKA_LIBS.half" >"$LOG/kafka-verify.log" 2>&1 || {
    grep -v ': OK$' "$LOG/kafka-verify.log" | sed 's/^/    /' >&2
    die "what was fetched as Apache Kafka $KAFKA_VERSION is not what deploy/local/kafka/checksums.sha256 pins" \
      "nothing of it was run; it lies in $KAFKA_LIBS.half"
  }
  mv "$KAFKA_LIBS.half" "$KAFKA_LIBS"
}

# Into a repository of its own, so that a file broken in somebody's ~/.m2 cannot come back.
kafka_fetch() {
  local code=0
  mvn -B -f deploy/local/kafka/pom.xml -Dmaven.repo.local="$1.m2" -DincludeScope=runtime -DoutputDirectory="$1" \
    dependency:copy-dependencies || code=$?
  rm -rf "$1.m2" deploy/local/kafka/target
  return $code
}

# Every pinned file is there and right, and nothing else is.
kafka_verify() {
  local pinned=$ROOT/deploy/local/kafka/checksums.sha256
  cd "$1" 2>/dev/null || return 1
  local code=0
  grep -v '^#' "$pinned" | sha256sum --check --strict || code=1
  diff <(ls) <(grep -v '^#' "$pinned" | sed 's/^[^ ]*  //' | LC_ALL=C sort) || code=1
  cd "$ROOT"
  return $code
}

kafka_java() { exec java -cp "$KAFKA_LIBS/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"; }

# kafka_start FOLDER: formats the folder if it is new, starts the broker there and waits until it
# answers. Sets KAFKA_ADDRESS. The port is chosen at the first start and kept while it is free.
kafka_start() {
  local folder=$1 port controller
  mkdir -p "$folder"
  read -r port controller 2>/dev/null <"$folder/ports" || port=19092 controller=19093
  free_port "$port" && port=$PORT
  free_port "$controller" && controller=$PORT
  echo "$port $controller" >"$folder/ports"
  sed -e "s|@PORT@|$port|g; s|@CONTROLLER_PORT@|$controller|g; s|@FOLDER@|$folder|g" \
    deploy/local/kafka/server.properties >"$folder/server.properties"
  if [[ ! -f $folder/formatted ]]; then
    rm -rf "$folder/log"
    step "format the broker's folder" "$folder/format.log" kafka_format "$folder" ||
      die "the broker's folder $folder could not be formatted"
    : >"$folder/formatted"
  fi
  kafka_launch "$folder"
}

kafka_format() {
  local id
  id=$(kafka_java kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1)
  (kafka_java kafka.tools.StorageTool format -t "$id" -c "$1/server.properties")
}

# kafka_launch FOLDER: starts what kafka_start has prepared there, on the same ports.
kafka_launch() {
  local port
  read -r port _ <"$1/ports"
  KAFKA_ADDRESS=127.0.0.1:$port
  start kafka "$1/broker.log" kafka_java -Xms256m -Xmx512m -XX:TieredStopAtLevel=1 kafka.Kafka "$1/server.properties"
  wait_until 60 kafka kafka_answers "$KAFKA_ADDRESS" || {
    tail -n 20 "$1/broker.log" >&2
    die "the Kafka broker did not start; the end of $1/broker.log is above"
  }
}

kafka_answers() { kcat -b "$1" -L -m 2 2>/dev/null | grep -q ' 1 brokers:'; }

kafka_stop() { stop kafka TERM 30; }

# kafka_topics ADDRESS: makes the topics of deploy/kafka/topics.txt that are not there yet.
kafka_topics() {
  local there name partitions settings setting options
  there=$(kcat -b "$1" -L -m 10 | sed -n 's/^  topic "\([^"]*\)".*/\1/p')
  while read -r name partitions settings; do
    [[ -z $name || $name == \#* ]] && continue
    grep -qxF "$name" <<<"$there" && continue
    options=()
    for setting in $settings; do options+=(--config "$setting"); done
    echo "make topic $name"
    (kafka_java org.apache.kafka.tools.TopicCommand --bootstrap-server "$1" --create --if-not-exists \
      --topic "$name" --partitions "$partitions" --replication-factor 1 "${options[@]}") || return 1
  done <deploy/kafka/topics.txt
}
