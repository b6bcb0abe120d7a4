#!/bin/bash
# `make bench`: the release build beside its peers; `make bench ARGS=--full` for the long run,
# `PEERS=all make bench` with those on a JVM.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/run.py build/release/weir "$@"
