#!/bin/bash
# `make bench`: runs every bench/*.sh against the release build and prints what it reports.
set -euo pipefail
cd "$(dirname "$0")/.."
found=0
for script in bench/*.sh; do
    [ -x "$script" ] || continue
    found=1
    echo "== $script"
    "$script" build/release/weir
done
[ "$found" = 1 ] || echo "bench: nothing under bench/ yet"
