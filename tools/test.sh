#!/bin/bash
# `make test`: build with sanitizers, run everything, end with `N passed, N failed, N skipped`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh --test
if ! log=$(cmake --preset dev 2>&1); then
    echo "$log" >&2
    exit 1
fi
cmake --build --preset dev -j "${JOBS:-$(nproc)}"
exec python3 tools/test_report.py build/dev "$@"
