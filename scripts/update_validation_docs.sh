#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/update_validation_docs.sh [HEATSIM]
# Writes docs/validation.md from docs/validation.md.in and the present model, and validation/error_bands.csv, which
# reports show. HEATSIM is the executable, built already;
# without it the release preset is built. The references of RTL and synthesis are the recorded ones,
# so that the page does not depend on the tools and the speed of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

heatsim=${1:-build/release/bin/heatsim}
if [ $# -eq 0 ]; then
    cmake --preset release
    cmake --build --preset release --target heatsim -j "${HEATSIM_JOBS:-$(nproc)}"
fi
page=$(mktemp)
trap 'rm -f "$page"' EXIT
# 1: a check does not hold, which the page then says
"$heatsim" validate --recorded --format markdown >"$page" || [ $? -eq 1 ]
cat "$page" >docs/validation.md
{
    echo "# Errors of the present model by source of references, from the tables of docs/validation.md:"
    echo "# scripts/update_validation_docs.sh writes it, a test compares."
    "$heatsim" validate --recorded --format csv || [ $? -eq 1 ]
} >"$page"
cat "$page" >validation/error_bands.csv
