#!/usr/bin/env bash
# Chromium (Debian) and a font with Chinese glyphs, for the tests that look at a painted page. A program, not a server: only `fetch`.
ENGINE=chromium
VERSION=debian
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LOCK=packages

fetched() { [ -z "$(missing chromium)" ] && [ -d /usr/share/fonts/opentype/noto ]; }
build() { debian_packages chromium fonts-noto-cjk; }

[ "${1:-}" = fetch ] || { echo "usage: deploy/engines/chromium.sh fetch" >&2; exit 2; }
main "$@"
