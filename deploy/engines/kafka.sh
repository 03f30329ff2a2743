#!/usr/bin/env bash
# Apache Kafka (KRaft) on loopback from its Maven artifacts. Node i of NODES (1 or 3) listens on PORT+2(i-1), its controller one above.
# A verb with NODE works on that node alone.
ENGINE=kafka
VERSION=4.4.0
ARGUMENTS="PORT DIR [NODES [NODE]]"
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LOG4J=2.25.5
CLUSTER=c3RyZWFtd2FyZGVuLTAwMQ # any 16 bytes in base64

build() {
  needs mvn java
  local work
  work=$(mktemp -d "$KEPT.XXXXXX")
  cat >"$work/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>engines</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$VERSION</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>$LOG4J</version></dependency>
  </dependencies>
</project>
POM
  mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work/libs" \
    >"$work/mvn.log" 2>&1 || { tail -n 20 "$work/mvn.log" >&2; fail "Maven could not fetch it: $work/mvn.log"; }
  keep "$work"
}

nodes() { echo "${ARGS[0]:-1}"; }
members() {
  if [ -n "${ARGS[1]:-}" ]; then echo "node-${ARGS[1]}"; else seq -f node-%g "$(nodes)"; fi
}
number() { echo "${1##*node-}"; }
broker_port() { echo $((PORT + 2 * ($1 - 1))); } # NODE

prepare() { # PORT DIR
  local node quorum= i copies=1 in_sync=1
  node=$(number "$2")
  for i in $(seq "$(nodes)"); do quorum+=${quorum:+,}$i@127.0.0.1:$(($(broker_port "$i") + 1)); done
  [ "$(nodes)" -lt 3 ] || { copies=3 in_sync=2; }
  cat >"$2/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$quorum
listeners=PLAINTEXT://127.0.0.1:$(broker_port "$node"),CONTROLLER://127.0.0.1:$(($(broker_port "$node") + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$(broker_port "$node")
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$2/data
# The hub makes every topic itself: a topic made by accident has the wrong partitions.
auto.create.topics.enable=false
num.partitions=8
default.replication.factor=$copies
min.insync.replicas=$in_sync
message.max.bytes=4194304
replica.fetch.max.bytes=4194304
offsets.topic.num.partitions=8
offsets.topic.replication.factor=$copies
transaction.state.log.num.partitions=8
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=8
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
# A lost worker or node is noticed in seconds, and the first worker of a group does not wait three for company.
group.initial.rebalance.delay.ms=500
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.segment.bytes=67108864
log.retention.check.interval.ms=5000
log.cleaner.dedupe.buffer.size=16777216
PROPERTIES
  write_logging "$2"
}

write_logging() { # DIR: warnings, and the one line that says the server is up
  cat >"$1/log4j2.properties" <<LOGGING
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %m (%c{1})%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=info
LOGGING
}

format() { # DIR
  java -Xmx64m -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$1/log4j2.properties" -cp "$KEPT/libs/*" \
    kafka.tools.StorageTool format --cluster-id $CLUSTER --config "$1/server.properties" >"$1/format.log" 2>&1 ||
    { cat "$1/format.log" >&2; fail "could not format $1/data"; }
}

launch() { # PORT DIR
  local heap=${KAFKA_HEAP:-256m}
  [ -e "$2/data/meta.properties" ] || format "$2" # here, not in prepare: three nodes format side by side
  exec setsid java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -XX:MaxDirectMemorySize=128m -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$2/log4j2.properties" -cp "$KEPT/libs/*" kafka.Kafka "$2/server.properties"
}

ready() { grep -q 'Kafka Server started' "$2/log" 2>/dev/null; }

main "$@"
