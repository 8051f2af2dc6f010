#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/setup.sh [--test|--ci]
# Installs the Debian packages of scripts/packages.txt that are missing: those of `build`, with --test
# also those of `test`, with --ci all. Does nothing when all are there.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

groups=build
case "${1:-}" in
"") ;;
--test) groups='build|test' ;;
--ci) groups='build|test|ci' ;;
*) fail "unknown argument '$1'; usage: scripts/setup.sh [--test|--ci]" ;;
esac

packages=()
while read -r group package program; do
    [[ $group =~ ^($groups)$ ]] || continue
    [[ -n $program ]] && command -v "$program" >/dev/null || packages+=("$package")
done <scripts/packages.txt
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "needs Debian 12 or a system like it (no apt-get here); install by hand: ${packages[*]}"
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

as_root=()
if (($(id -u) != 0)); then
    command -v sudo >/dev/null || fail "run as root (no sudo here) to install: ${missing[*]}"
    as_root=(sudo)
fi
echo "setup.sh: installing ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
    -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
"${install[@]}" update
"${install[@]}" install --no-install-recommends "${missing[@]}" ||
    fail "apt-get cannot install: ${missing[*]}"
