#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/measure_report.sh PAGE.html...
# Opens report pages in Chromium, five times each, and prints their size and how long they take until everything is drawn.
# The machine should be idle.
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# == 0)); then
    echo "measure_report.sh: no page; usage: scripts/measure_report.sh PAGE.html..." >&2
    exit 1
fi
scripts/setup.sh --test
cmake -DWEB="$PWD/web" -DNPM="$(command -v npm)" -P cmake/web_install.cmake
node tests/web/measure.mjs "$@"
