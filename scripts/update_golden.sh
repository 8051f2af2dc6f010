#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/update_golden.sh [BUILD_FOLDER]
# Writes tests/system/golden/*.json from the current model and prints what changed. BUILD_FOLDER is
# configured already; without it the release preset is.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build/release}
[ $# -gt 0 ] || cmake --preset release
cmake --build "$build" --target system_test -j "${HEATSIM_JOBS:-$(nproc)}"
golden=tests/system/golden
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
mkdir -p "$golden"
cp -r "$golden/." "$before"
rm -f "$golden"/*.json
HEATSIM_UPDATE_GOLDEN=1 ctest --test-dir "$build" -R '^system_test\..*Golden' --no-tests=error --output-on-failure
if diff -ru "$before" "$golden"; then
    echo "golden results: unchanged"
fi
