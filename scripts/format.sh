#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/format.sh [--check]
# Formats every C++ file; with --check changes nothing and fails where a file would change.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
"") mode=(-i) ;;
--check) mode=(--dry-run --Werror) ;;
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
