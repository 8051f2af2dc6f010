#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/record_rtl.sh
# Runs the RTL on everything that `heatsim validate rtl` compares (needs Verilator, takes a minute or
# two) and writes validation/rtl.csv, which `heatsim validate rtl --recorded` reads. Fails where the
# simulation is beyond its limits.
set -euo pipefail
cd "$(dirname "$0")/.."

heatsim=build/release/bin/heatsim
[ -x "$heatsim" ] || {
    echo "record_rtl.sh: no $heatsim; build the release preset first" >&2
    exit 1
}
result=$(mktemp)
trap 'rm -f "$result"' EXIT
"$heatsim" validate rtl --format json >"$result"
{
    echo "# Cycles of rtl/ in Verilator: GEMMs as accelerator/memory/shape, units as the lines of their harness."
    echo "# Written by scripts/record_rtl.sh."
    echo "name,cycles"
    # of every row: its name, then its reference; the table's own are no numbers
    awk -F'"' '
        /^ *"name":/ { name = $4 }
        /^ *"reference": [0-9]/ { split($0, part, /[:,]/); printf "%s,%d\n", name, part[2] }
    ' "$result"
} >validation/rtl.csv
wc -l validation/rtl.csv
