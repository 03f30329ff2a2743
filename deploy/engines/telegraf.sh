#!/usr/bin/env bash
# Telegraf, the collector the hub is measured against: built once from its Go module with only the plug-ins the bench uses.
# PORT is the MQTT broker's. DIR/telegraf.conf is used where it exists; otherwise telemetry is written to DIR/out.lp.
ENGINE=telegraf
VERSION=1.37.1
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

PLUGINS=inputs.mqtt_consumer,outputs.file,outputs.influxdb,outputs.influxdb_v2,parsers.influx,parsers.json,parsers.json_v2,serializers.influx

build() {
  needs go
  say "building from source, once: about a minute on two cores"
  local work
  work=$(mktemp -d "$KEPT.XXXXXX")
  GOBIN=$work GOFLAGS=-mod=mod CGO_ENABLED=0 go install -ldflags "-s -w" -tags "custom,$PLUGINS" "github.com/influxdata/telegraf/cmd/telegraf@v$VERSION" \
    >"$work/go.log" 2>&1 || { tail -n 20 "$work/go.log" >&2; fail "the build failed: $work/go.log"; }
  keep "$work"
}

prepare() { # PORT DIR
  [ ! -e "$2/telegraf.conf" ] || return 0
  cat >"$2/telegraf.conf" <<CONF
[agent]
  flush_interval = "1s"
  metric_batch_size = 1000
  metric_buffer_limit = 100000
  omit_hostname = true

[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:$1"]
  topics = ["hub/+/+/+/telemetry"]
  qos = 1
  client_id = "telegraf"
  persistent_session = true
  max_undelivered_messages = 1000
  data_format = "json"
  json_time_key = "ts"
  json_time_format = "2006-01-02T15:04:05.999Z07:00"

[[outputs.file]]
  files = ["$2/out.lp"]
  data_format = "influx"
CONF
}

launch() { exec setsid "$KEPT/telegraf" --config "$2/telegraf.conf"; }
ready() { grep -q 'Connected \[' "$2/log" 2>/dev/null; }

main "$@"
