#!/usr/bin/env bash
# An RTSP server on loopback, built once from rtsp/main.go. DIR/user, where it exists before the start, holds NAME PASSWORD that players must give.
ENGINE=rtsp
VERSION=4.16.2-1 # of the library, then of our own few lines
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/rtsp" && pwd)

build() {
  needs go
  say "building from source, once: less than a minute on two cores"
  local work
  work=$(mktemp -d "$KEPT.XXXXXX")
  mkdir "$work/source"
  cp "$SOURCE"/main.go "$SOURCE"/go.mod "$work/source"
  (cd "$work/source" && GOFLAGS=-mod=mod CGO_ENABLED=0 go build -ldflags "-s -w" -o "$work/rtspd" .) >"$work/go.log" 2>&1 ||
    { tail -n 20 "$work/go.log" >&2; fail "the build failed: $work/go.log"; }
  rm -rf "$work/source"
  keep "$work"
}

launch() { # PORT DIR
  local guard=() name password
  if read -r name password 2>/dev/null <"$2/user"; then guard=(-user "$name" -password "$password"); fi
  exec setsid "$KEPT/rtspd" -listen "127.0.0.1:$1" "${guard[@]}"
}
ready() { answers "$1"; }

main "$@"
