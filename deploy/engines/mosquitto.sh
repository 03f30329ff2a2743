#!/usr/bin/env bash
# Mosquitto (Debian) on loopback, durable. DIR/passwords and DIR/acl, where they exist before the start, close it to strangers.
ENGINE=mosquitto
VERSION=debian
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

PATH=$PATH:/usr/sbin # where Debian puts the server, and an ordinary user's PATH may lack it
LOCK=packages

fetched() { [ -z "$(missing mosquitto mosquitto_passwd mosquitto_pub)" ]; }
build() { debian_packages mosquitto mosquitto-clients; }

prepare() { # PORT DIR
  cat >"$2/mosquitto.conf" <<CONF
listener $1 127.0.0.1
user $(id -un)
persistence true
persistence_location $2/
autosave_interval 1
max_inflight_messages 2000
# A client that went away for good must not take the machine with it: its queue is bounded by bytes, not by a count.
max_queued_messages 0
max_queued_bytes ${MOSQUITTO_QUEUED_BYTES:-268435456}
set_tcp_nodelay true
log_dest stdout
log_timestamp_format %Y-%m-%dT%H:%M:%S
$(access "$2")
CONF
}

access() { # DIR
  if [ -e "$1/passwords" ]; then printf 'allow_anonymous false\npassword_file %s\n' "$1/passwords"; else echo 'allow_anonymous true'; fi
  [ ! -e "$1/acl" ] || echo "acl_file $1/acl"
}

launch() { exec setsid mosquitto -c "$2/mosquitto.conf"; }
ready() { answers "$1"; }

main "$@"
