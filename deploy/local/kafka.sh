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

# kafka_start FOLDER [secured]: formats the folder if it is new, starts the broker there and waits
# until it answers. Sets KAFKA_ADDRESS. The port is chosen at the first start and kept while it is
# free. `secured`: with listeners that want certificates or passwords, too (kafka_secure).
kafka_start() {
  local folder=$1 port controller
  mkdir -p "$folder"
  read -r port controller 2>/dev/null <"$folder/ports" || port=19092 controller=19093
  free_port "$port" && port=$PORT
  free_port "$controller" && controller=$PORT
  echo "$port $controller" >"$folder/ports"
  sed -e "s|@PORT@|$port|g; s|@CONTROLLER_PORT@|$controller|g; s|@FOLDER@|$folder|g" \
    deploy/local/kafka/server.properties >"$folder/server.properties"
  [[ ${2:-} != secured ]] || step "make keys for the broker" "$folder/secure.log" kafka_secure "$folder" ||
    die "the keys for the broker could not be made"
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
  local user=()
  [[ ! -f $1/secured/password ]] ||
    user=(--add-scram "SCRAM-SHA-512=[name=fosterwatch,password=$(cat "$1/secured/password")]")
  (kafka_java kafka.tools.StorageTool format -t "$id" -c "$1/server.properties" "${user[@]}")
}

# kafka_secure FOLDER: two more listeners, for tests, and in FOLDER/secured what a client needs:
# ca.pem, stranger-ca.pem, client.pem and client.key, password, and the addresses `certificate` (wants
# the client's, principal CN=fosterwatch) and `user` (TLS, user fosterwatch with the password, by PLAIN
# or SCRAM-SHA-512; user reader by PLAIN). These two may do only what an access list allows them, as the superuser of the
# open listener sets it.
kafka_secure() {
  local folder=$1/secured name certificate user
  mkdir -p "$folder"
  for name in ca stranger-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name of a test" \
      -keyout "$folder/$name.key" -out "$folder/$name.pem"
  done
  for name in broker fosterwatch; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
      -keyout "$folder/$name.key" -out "$folder/$name.csr"
    openssl x509 -req -in "$folder/$name.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial \
      -days 30 -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$folder/$name.pem"
  done
  cat "$folder/broker.key" "$folder/broker.pem" >"$folder/broker-keystore.pem"
  mv "$folder/fosterwatch.key" "$folder/client.key"
  mv "$folder/fosterwatch.pem" "$folder/client.pem"
  head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$folder/password"
  free_port 19190 && certificate=$PORT
  free_port $((certificate + 1)) && user=$PORT
  echo "127.0.0.1:$certificate" >"$folder/certificate"
  echo "127.0.0.1:$user" >"$folder/user"
  sed -i -E -e "s#^(advertised\.)?listeners=.*#&,CERTIFICATE://127.0.0.1:$certificate,USER://127.0.0.1:$user#" \
    -e 's#^listener.security.protocol.map=.*#&,CERTIFICATE:SSL,USER:SASL_SSL#' "$1/server.properties"
  cat >>"$1/server.properties" <<EOF
ssl.keystore.type=PEM
ssl.keystore.location=$folder/broker-keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=$folder/ca.pem
listener.name.certificate.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.user.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_fosterwatch="$(cat "$folder/password")" user_reader="$(cat "$folder/password")";
listener.name.user.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
EOF
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
