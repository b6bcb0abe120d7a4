#!/bin/bash
# `make test`: build with sanitizers, run everything, end with `N passed, N failed, N skipped`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh --test
cmake --preset dev >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset dev -j "${JOBS:-$(nproc)}"
exec python3 tools/test_report.py build/dev "$@"
