#!/usr/bin/env bash
# VictoriaMetrics (Debian), one node on loopback: a peer the bench measures history against. It keeps everything it is given, but takes nothing
# that lies in the future, and answers a write before it is on disk: no setting of this version changes either.
ENGINE=victoriametrics
VERSION=debian
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LOCK=packages
STOP_SIGNAL=INT

fetched() { [ -z "$(missing victoria-metrics)" ]; }
build() { debian_packages victoria-metrics; }

launch() { # PORT DIR
  exec setsid victoria-metrics -httpListenAddr "127.0.0.1:$1" -storageDataPath "$2/data" -retentionPeriod 100y -loggerLevel WARN
}

ready() { # the HTTP status line of /health; the port opens before the storage
  local status
  status=$( (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /health HTTP/1.0\r\n\r\n' >&3 && head -n 1 <&3) 2>/dev/null) || return 1
  [[ $status == *" 200 "* ]]
}

main "$@"
