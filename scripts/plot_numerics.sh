#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/plot_numerics.sh [HEATSIM]
# Draws docs/images/*.svg from `heatsim explain FUNCTION --format json`. Needs gnuplot (Debian: gnuplot-nox) and python3.
set -euo pipefail
cd "$(dirname "$0")/.."

heatsim=${1:-build/release/bin/heatsim}
command -v gnuplot >/dev/null || {
    echo "plot_numerics.sh: no gnuplot; apt-get install gnuplot-nox" >&2
    exit 1
}
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

for function in gelu softmax exponential sigmoid; do
    "$heatsim" explain "$function" --format json | python3 -c '
import json, sys
curve = json.load(sys.stdin)["accuracy"]["curve"]
print("#", *curve["columns"])
for point in curve["points"]:
    print(*point)' >"$data/$function"
done

plot() { # FILE, commands on standard input
    { cat <<'SETTINGS'
set terminal svg size 860,330 font "sans-serif,12" background "white"
set grid linecolor rgb "#dddddd"
set border 3 linecolor rgb "#666666"
set tics nomirror
set key left top
set style line 1 linecolor rgb "#222222" linewidth 1.5 dashtype (6,6)
set style line 2 linecolor rgb "#0072b2" linewidth 2
set style line 3 linecolor rgb "#d55e00" linewidth 2
set style line 4 linecolor rgb "#009e73" linewidth 2
set style line 5 linecolor rgb "#cc79a7" linewidth 2
SETTINGS
        echo "set output '$1'"
        cat
    } | gnuplot
}

plot docs/images/gelu.svg <<PLOT
set multiplot layout 1,2
set xlabel "x"
set title "GELU, int16, 10 fraction bits"
plot "$data/gelu" using 1:3 with lines linestyle 2 title "δ1 = 1", \
     "" using 1:4 with lines linestyle 3 title "δ1 = 0.5", \
     "" using 1:2 with lines linestyle 1 title "exact"
set title "Slope of the approximation"
set yrange [-0.3:1.5]
plot 1 with lines linestyle 1 notitle, \
     "$data/gelu" using 1:8 with lines linestyle 2 title "δ1 = 1", \
     "" using 1:7 with lines linestyle 4 title "0.75", \
     "" using 1:6 with lines linestyle 3 title "0.5", \
     "" using 1:5 with lines linestyle 5 title "0.25"
PLOT

plot docs/images/softmax.svg <<PLOT
set multiplot layout 1,2
set xlabel "x"
set title "First result of softmax of (x, 0), int16"
plot "$data/softmax" using 1:3 with lines linestyle 2 title "δ2 = 1", \
     "" using 1:4 with lines linestyle 3 title "δ2 = 0.5", \
     "" using 1:2 with lines linestyle 1 title "exact"
set title "Slope of the approximation"
set yrange [0:0.35]
plot "$data/softmax" using 1:8 with lines linestyle 2 title "δ2 = 1", \
     "" using 1:7 with lines linestyle 4 title "0.75", \
     "" using 1:6 with lines linestyle 3 title "0.5", \
     "" using 1:5 with lines linestyle 5 title "0.25"
PLOT

plot docs/images/approximation_errors.svg <<PLOT
set multiplot layout 1,3
set title "GELU (δ1 = 1) − exact"
set xlabel "x"
plot "$data/gelu" using 1:(\$3-\$2) with lines linestyle 2 notitle
set title "exponential − e^{−d}"
set xlabel "d"
plot "$data/exponential" using 1:(\$3-\$2) with lines linestyle 2 notitle
set title "PLAN − sigmoid"
set xlabel "x"
plot "$data/sigmoid" using 1:(\$3-\$2) with lines linestyle 2 notitle
PLOT
