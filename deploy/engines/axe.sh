#!/usr/bin/env bash
# axe-core, which says what of a page somebody with a screen reader, or without a mouse, cannot use. A script for the tests, not a server: only `fetch`.
ENGINE=axe
VERSION=4.14.1
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

build() {
  needs npm tar
  local work
  work=$(mktemp -d "$KEPT.XXXXXX")
  (cd "$work" && npm pack --silent --ignore-scripts "axe-core@$VERSION") >"$work/npm.log" 2>&1 ||
    { tail -n 5 "$work/npm.log" >&2; fail "npm could not fetch it: $work/npm.log"; }
  tar -xzf "$work/axe-core-$VERSION.tgz" -C "$work" --strip-components=1 package/axe.min.js package/LICENSE
  sha256sum --quiet --check <<<"29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c  $work/axe.min.js" || fail "axe.min.js is another than the one that was looked at"
  rm "$work/axe-core-$VERSION.tgz"
  keep "$work"
}

verb_script() { verb_fetched && echo "$KEPT/axe.min.js"; }

case ${1:-} in
  fetch | fetched) main "$@" ;;
  script) verb_script ;; # where the script lies
  *) echo "usage: deploy/engines/axe.sh fetch|fetched|script" >&2; exit 2 ;;
esac
