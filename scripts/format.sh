#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/format.sh [--check]
# Formats every C++ file and what the report pages are made of; with --check changes nothing and fails where a file would
# change.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
"")
    mode=(-i)
    web_mode=(check --write --error-on-warnings)
    ;;
--check)
    mode=(--dry-run --Werror)
    web_mode=(ci --error-on-warnings)
    ;;
*)
    echo "format.sh: unknown argument '$1'; usage: scripts/format.sh [--check]" >&2
    exit 1
    ;;
esac
command -v clang-format >/dev/null || {
    echo "format.sh: no clang-format; scripts/setup.sh --ci installs it" >&2
    exit 1
}
find src tests bench tools rtl \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
    xargs -0 -r clang-format --style=file "${mode[@]}"

npm=$(command -v npm) || {
    echo "format.sh: no npm; scripts/setup.sh installs it" >&2
    exit 1
}
cmake -DWEB="$PWD/web" -DNPM="$npm" -P cmake/web_install.cmake
cd web
node_modules/.bin/biome "${web_mode[@]}" . ../tests/web
