#!/bin/bash
# Installs what building and testing weir needs, and only what is missing. Debian 12 or later.
#   tools/setup.sh            what the build needs
#   tools/setup.sh --test     and what the tests need (Java and Maven for the Kafka broker,
#                             compiler and emulator of other processors)
set -euo pipefail

packages=(build-essential cmake ninja-build pkg-config lemon
    librdkafka-dev libsqlite3-dev libsimdjson-dev libxxhash-dev libutf8proc-dev
    zlib1g-dev libpcre2-dev libssl-dev libmimalloc-dev libmicrohttpd-dev libcctz-dev tzdata
    libcmocka-dev python3)
if [ "${1:-}" = --test ]; then
    packages+=(default-jdk-headless maven ca-certificates
        gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user libsimde-dev)
fi

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian, so install these yourself if the build asks for them:" >&2
    echo "  ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: not root and no sudo; run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
keep=(env DEBIAN_FRONTEND=noninteractive)
"${as_root[@]}" "${keep[@]}" apt-get update -q >&2
"${as_root[@]}" "${keep[@]}" apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "${missing[@]}" >&2
