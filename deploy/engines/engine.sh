# What the engine scripts share: the cache, one build at a time, process files, waiting, and the verbs. Sourced, never run.
#
# A script sets ENGINE and VERSION, sources this file, and defines
#   build              make or install the engine; runs under a lock, in no particular folder
#   launch PORT DIR    `exec` the server; its output goes to DIR/log
#   ready PORT DIR     succeed once the server answers
# and, where the defaults do not fit: fetched, prepare PORT DIR, members, STOP_SIGNAL, LOCK. It ends with `main "$@"`.
set -euo pipefail

CACHE=${STREAMWARDEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streamwarden}
KEPT=$CACHE/$ENGINE-$VERSION # the finished build of exactly this version
LOCK=$ENGINE-$VERSION
STOP_SIGNAL=TERM
START_SECONDS=${START_SECONDS:-120} # a server that is not ready by then never will be, however busy the machine

say() { printf '%s %s: %s\n' "$ENGINE" "$VERSION" "$*" >&2; }
fail() { say "$*"; exit 1; }

usage() {
  local script=deploy/engines/${0##*/}
  printf 'usage: %s fetch|fetched\n       %s start|wait|stop|kill|wipe %s\n' "$script" "$script" "${ARGUMENTS:-PORT DIR}" >&2
  exit 2
}

# --- fetching -------------------------------------------------------------------------------------------------------

fetched() { [ -e "$KEPT/.complete" ]; }

# Keep a finished folder under its version; the marker comes with the rename, so a half build is never taken for a whole one.
keep() {
  touch "$1/.complete"
  rm -rf "$KEPT"
  mv "$1" "$KEPT"
}

missing() { # TOOL...: those not on the PATH
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || printf ' %s' "$tool"; done
}
needs() { [ -z "$(missing "$@")" ] || fail "to build it, put these on the PATH:$(missing "$@")"; }

# Debian packages: installed when root, named in one line otherwise. Their services are not started: every server here is private.
debian_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "missing; as root: apt-get install --no-install-recommends $*"
  say "installing $*"
  local policy=/usr/sbin/policy-rc.d ours= log=$CACHE/packages.log
  if [ ! -e "$policy" ]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  local install=(apt-get install -qq -y --no-install-recommends "$@") code=0
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" >"$log" 2>&1 || { apt-get update -qq >"$log" 2>&1 && "${install[@]}" >>"$log" 2>&1; } || code=$?
  [ -z "$ours" ] || rm -f "$ours"
  [ "$code" = 0 ] || { tail -5 "$log" >&2; fail "apt-get could not install $*; its whole answer: $log"; }
}

verb_fetched() { fetched || fail "not fetched yet: ${0##*/} fetch, or make engines"; }

verb_fetch() {
  fetched && return
  mkdir -p "$CACHE"
  exec 9>"$CACHE/$LOCK.lock"
  flock -n 9 || { say "another process is fetching it; waiting"; flock 9; }
  if ! fetched; then
    local began=$SECONDS
    build 9>&-
    fetched || fail "was built, yet is not where it should be"
    say "fetched in $((SECONDS - began)) s"
  fi
  exec 9>&-
}

# --- running --------------------------------------------------------------------------------------------------------

# The folders, below DIR, of the processes a verb works on; one engine is one process unless a script says otherwise.
members() { echo .; }
prepare() { :; }

# A process is known by its number and its start time, so that a number given to a stranger is never taken for ours.
born() { # PID: its start time, in ticks since boot; fails for none and for a zombie
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  read -ra stat <<<"${stat##*) }" # the name in parentheses may itself hold spaces
  [ "${stat[0]}" != Z ] && echo "${stat[19]}"
}
gone() { ! born "$1" >/dev/null; } # PID
pid_of() { # DIR: the server's process while it lives
  local pid start
  read -r pid start 2>/dev/null <"$1/pid" && [ "$(born "$pid")" = "$start" ] && echo "$pid"
}
alive() { pid_of "$1" >/dev/null; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

verb_start() {
  fetched || verb_fetch
  mkdir -p "$DIR"
  touch "$DIR/.$ENGINE"
  local folder member pid
  for member in $(members); do
    folder=$DIR/$member
    alive "$folder" && continue
    mkdir -p "$folder"
    prepare "$PORT" "$folder"
    (launch "$PORT" "$folder") >"$folder/log" 2>&1 </dev/null &
    pid=$!
    echo "$pid $(born $pid)" >"$folder/pid"
    [ -z "${ENGINE_OWNER:-}" ] || (end_with_owner $pid) >/dev/null 2>&1 </dev/null &
  done
}

# ENGINE_OWNER names a process, such as a test run, after whose end, however sudden, the server is of no use to anyone.
end_with_owner() { # PID
  until gone "$1" || gone "$ENGINE_OWNER"; do sleep 2; done
  gone "$1" || kill -s KILL "$1"
}

verb_wait() {
  local folder member deadline=$((SECONDS + START_SECONDS))
  for member in $(members); do
    folder=$DIR/$member
    until ready "$PORT" "$folder" && alive "$folder"; do
      alive "$folder" || { tail -n 20 "$folder/log" >&2; fail "ended before it was ready; its log is above"; }
      [ $SECONDS -lt $deadline ] || { tail -n 20 "$folder/log" >&2; fail "not ready after $START_SECONDS s; its log is above"; }
      sleep 0.05
    done
  done
}

# Signal every member before any is waited for: a cluster's nodes leave together. Children of a killed server would still hold its
# shared memory and its sockets at the next start, so they are waited for too, and ended.
end() { # SIGNAL
  local member pid pids=() children=() deadline=$((SECONDS + 30))
  for member in $(members); do
    pid=$(pid_of "$DIR/$member") || continue
    pids+=("$pid")
    read -ra children < <(echo "${children[@]}" "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)")
    kill -s "$1" "$pid" 2>/dev/null || true
  done
  [ "$1" != KILL ] || for pid in "${children[@]}"; do kill -s KILL "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}" "${children[@]}"; do
    until gone "$pid"; do
      [ $SECONDS -lt $deadline ] || kill -s KILL "$pid" 2>/dev/null || true
      sleep 0.02
    done
  done
  for member in $(members); do rm -f "$DIR/$member/pid"; done
}

verb_stop() { end "$STOP_SIGNAL"; }
verb_kill() { end KILL; }

verb_wipe() {
  [ -e "$DIR/.$ENGINE" ] || fail "nothing was started in $DIR, so nothing is deleted there"
  verb_kill
  local member
  for member in $(members); do rm -rf "$(realpath -m "$DIR/$member")"; done
  [ "$(ls -A "$DIR" 2>/dev/null)" != ".$ENGINE" ] || rm -r "$DIR"
}

# PORT, DIR and the script's further ARGS are read once, here.
main() {
  local verb=${1:-}
  case $verb in
    fetch | fetched) ;;
    start | wait | stop | kill | wipe)
      [ $# -ge 3 ] || usage
      PORT=$2 DIR=$(realpath -m "$3")
      ARGS=("${@:4}")
      ;;
    *) usage ;;
  esac
  "verb_$verb"
}
