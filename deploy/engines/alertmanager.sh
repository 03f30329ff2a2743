#!/usr/bin/env bash
# Prometheus Alertmanager (Debian), one node on loopback: the peer that the bench measures notices against. Its configuration lies in DIR as alertmanager.yml.
ENGINE=alertmanager
VERSION=debian
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LOCK=packages

fetched() { [ -z "$(missing prometheus-alertmanager)" ]; }
build() { debian_packages prometheus-alertmanager; }

launch() { # PORT DIR
  exec setsid prometheus-alertmanager --config.file="$2/alertmanager.yml" --storage.path="$2/data" \
    --web.listen-address="127.0.0.1:$1" --cluster.listen-address= --log.level=warn
}

ready() { # the HTTP status line of /-/ready
  local status
  status=$( (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /-/ready HTTP/1.0\r\n\r\n' >&3 && head -n 1 <&3) 2>/dev/null) || return 1
  [[ $status == *" 200 "* ]]
}

main "$@"
