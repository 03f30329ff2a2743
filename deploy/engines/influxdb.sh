#!/usr/bin/env bash
# InfluxDB 2 on loopback, built once from its Go module and the Rust crate inside its flux module. No user interface, no telemetry.
ENGINE=influxdb
VERSION=2.9.1
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

MODULE=github.com/influxdata/influxdb/v2
FLUX=github.com/influxdata/flux
TAGS=sqlite_foreign_keys,sqlite_json
WORK=$KEPT.building # a fixed name: an interrupted build goes on where it was

build() {
  needs go cargo gcc pkg-config
  say "building from source, once: about 8 minutes on two cores"
  mkdir -p "$WORK/go" "$WORK/kept"
  cd "$WORK/go"
  export GOFLAGS=-mod=mod
  write_module
  progress &
  local watcher=$!
  trap 'kill $watcher 2>/dev/null || true' EXIT
  say "reading the Go modules"
  go mod download $FLUX 2>go.log || true # also fetched below; alone it starts the Rust build early
  build_libflux >"$WORK/rust.log" 2>&1 &
  local rust=$!
  compile_without_libflux
  wait $rust || { tail -n 20 "$WORK/rust.log" >&2; fail "the Rust part failed: $WORK/rust.log"; }
  say "Rust part done, compiling and linking the rest"
  PKG_CONFIG_PATH=$WORK go build -v -tags $TAGS -ldflags "-s -w -X main.version=v$VERSION -X main.commit=module" \
    -o "$WORK/kept/influxd" $MODULE/cmd/influxd 2>>"$WORK/go.log" || { tail -n 20 "$WORK/go.log" >&2; fail "the Go part failed: $WORK/go.log"; }
  "$WORK/kept/influxd" version >&2
  kill $watcher 2>/dev/null || true
  trap - EXIT
  keep "$WORK/kept"
  rm -rf "$WORK" # 3 GB of intermediate files
}

# The server as a tool of a module of our own: `go install` refuses a module with replace lines, so they are repeated here.
write_module() {
  cat >go.mod <<MODULE
module engines/influxd
go 1.25.10
tool $MODULE/cmd/influxd
require $MODULE v$VERSION
replace github.com/nats-io/nats-streaming-server v0.11.2 => github.com/influxdata/nats-streaming-server v0.11.3-0.20201112040610-c277f7560803
replace google.golang.org/protobuf v1.30.0 => google.golang.org/protobuf v1.33.0
MODULE
}

# The Flux parser as a static library. Its own profile (link-time optimisation) costs minutes and buys tests nothing.
build_libflux() {
  local flux
  flux=$(go list -m -f '{{.Dir}}' $FLUX)
  # The crate pins an older toolchain, which rustup would download; the one in use elsewhere does.
  if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ]; then
    RUSTUP_TOOLCHAIN=$(cd / && rustup show active-toolchain | cut -d' ' -f1)
    export RUSTUP_TOOLCHAIN
  fi
  cd "$flux/libflux"
  CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_STRIP=debuginfo \
    cargo rustc --release --locked -p flux --lib --crate-type staticlib --target-dir "$WORK/rust"
  cat >"$WORK/flux.pc" <<PC
Name: Flux
Description: parser of the Flux language
Version: 0.0.0
Libs: -L$WORK/rust/release -lflux -ldl -lpthread -lm
Cflags: -I$flux/libflux/include
PC
}

# Fill Go's build cache with every package that does not need libflux, while cargo is still busy.
compile_without_libflux() {
  go list -tags $TAGS -deps -f '{{.ImportPath}} {{join .Deps " "}}' $MODULE/cmd/influxd 2>>"$WORK/go.log" |
    grep -v $FLUX/libflux | cut -d' ' -f1 | xargs go build -v -tags $TAGS 2>>"$WORK/go.log" ||
    say "not all Go packages compiled ahead; the last step will say why"
}

progress() {
  local began=$SECONDS
  while sleep 20; do
    say "building for $((SECONDS - began)) s: $(count 'Compiling' rust.log) Rust crates, $(count '^[a-z0-9.-]*/' go.log) Go packages"
  done
}
count() { grep -c "$1" "$WORK/$2" 2>/dev/null || true; }

launch() { # PORT DIR
  exec setsid "$KEPT/influxd" run --http-bind-address "127.0.0.1:$1" --reporting-disabled \
    --bolt-path "$2/influxd.bolt" --sqlite-path "$2/influxd.sqlite" --engine-path "$2/engine"
}

ready() { # the HTTP status line of /ready; the port opens a moment before the store answers
  local status
  status=$( (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /ready HTTP/1.0\r\n\r\n' >&3 && head -n 1 <&3) 2>/dev/null) || return 1
  [[ $status == *" 200 "* ]]
}

main "$@"
