#!/bin/bash
# `make bench`: runs every bench/*.py on the release build; each prints what it measured.
set -euo pipefail
cd "$(dirname "$0")/.."
for script in bench/*.py; do
    echo "== $script"
    python3 "$script" build/release/weir "$@"
done
