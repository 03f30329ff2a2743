#!/usr/bin/env bash
# A private PostgreSQL cluster (Debian) on loopback: user "hub", password "hub", database "hub", full durability.
# PostgreSQL refuses to run as root, so root runs it as user postgres, who must be able to reach DIR.
ENGINE=postgres
VERSION=debian
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LOCK=packages
STOP_SIGNAL=INT # "fast": ends sessions; the default would wait for every client to leave

programs() { find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1; }
fetched() { [ -n "$(programs)" ]; }
build() { debian_packages postgresql; }

# The words that put a command into user postgres' hands where we are root, and none elsewhere.
drop_root() { [ "$(id -u)" != 0 ] || echo setpriv --reuid=postgres --regid=postgres --init-groups; }

prepare() { # PORT DIR
  # Asked for only when our server is gone; a killed one leaves this file, and a zombie's number in it would stop the next start.
  rm -f "$2/data/postmaster.pid"
  [ ! -e "$2/data/PG_VERSION" ] || return 0
  mkdir -p "$2/data"
  chmod 0700 "$2/data"
  [ "$(id -u)" != 0 ] || chown -R postgres: "$2/data"
  $(drop_root) test -w "$2/data" || fail "user postgres cannot reach $2; choose a folder open to it"
  printf 'hub' >"$2/password"
  chmod 0644 "$2/password"
  # shellcheck disable=SC2046 # drop_root is words, not one word
  (cd / && $(drop_root) "$(programs)/initdb" -D "$2/data" -U hub -A scram-sha-256 --pwfile="$2/password" \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync) >"$2/initdb.log" 2>&1 || { cat "$2/initdb.log" >&2; fail "initdb failed"; }
}

launch() { # PORT DIR
  cd /
  # shellcheck disable=SC2046
  exec setsid $(drop_root) "$(programs)/postgres" -D "$2/data" -p "$1" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c log_min_messages=warning
}

# The first answer that counts is one to a query; it also makes the database after the first start.
ready() { # PORT DIR
  local ask=("$(programs)/psql" -h 127.0.0.1 -p "$1" -U hub -d postgres -qtA -c)
  export PGPASSWORD=hub PGCONNECT_TIMEOUT=2
  [ "$("${ask[@]}" "SELECT 1 FROM pg_database WHERE datname = 'hub'" 2>/dev/null)" = 1 ] || { "${ask[@]}" "CREATE DATABASE hub" >/dev/null 2>&1 && return 0; }
}

main "$@"
