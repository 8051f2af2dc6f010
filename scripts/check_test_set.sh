#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/check_test_set.sh [-n IMAGES] [TRACE [RUN_OPTION...]]
# Compares whole runs over a test set: reuse against none, 1, 2 and 3 processes (same bytes), and the composed run
# against the simulated one, image by image (at most 0.5 % in latency). Without arguments:
# traces/deit_t_70_39_21.csv.gz on the default accelerator. Exit code 1 if a comparison fails.
# The executable is $HEATSIM, else build/release/bin/heatsim.
set -euo pipefail
cd "$(dirname "$0")/.."

heatsim=${HEATSIM:-build/release/bin/heatsim}
images=()
if [ "${1:-}" = -n ]; then
    images=(-n "$2")
    shift 2
fi
trace=${1:-traces/deit_t_70_39_21.csv.gz}
[ $# -eq 0 ] || shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export HEATSIM_CACHE=$results/cache
failed=0

# run NAME OPTION...: into folder NAME, with its time
run() {
    local name=$1 start
    shift
    start=$EPOCHREALTIME
    "$heatsim" run -q -t "$trace" "${images[@]}" -o "$results/$name" "$@"
    printf "%-16s %8.1f s\n" "$name" "$(awk -v from="$start" -v to="$EPOCHREALTIME" "BEGIN { print to - from }")"
}

# same NAME: all files but host.json equal those of the run without reuse
same() {
    if diff -r -x host.json "$results/all" "$results/$1" >"$results/difference"; then
        echo "  same bytes as without reuse"
    else
        echo "  DIFFERS from the run without reuse:"
        head -n 4 "$results/difference"
        failed=1
    fi
}

run all --no-reuse "$@"
for jobs in 1 2 3; do
    run "reuse_jobs_$jobs" -j "$jobs" "$@"
    same "reuse_jobs_$jobs"
done
run compose_first --compose "$@"
run compose_stored --compose "$@"
diff -r -x host.json "$results/compose_first" "$results/compose_stored" || failed=1

# deviation NAME EXPRESSION: of the composed images, EXPRESSION in columns of images.csv
deviation() {
    awk -F, -v name="$1" -v columns="$2" -v limit="$3" '
        FNR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; parts = split(columns, wanted, "+"); next }
        { value = 0; for (i = 1; i <= parts; ++i) value += $at[wanted[i]] }
        NR == FNR { simulated[FNR] = value; next }
        {
            percent = 100 * (value / simulated[FNR] - 1)
            if (percent < 0) percent = -percent
            sum += percent
            ++count
            if (percent > worst) worst = percent
        }
        END {
            printf "  %-8s mean %.4f %%, worst %.4f %% of %d images\n", name, sum / count, worst, count
            exit worst > limit
        }' "$results/all/images.csv" "$results/compose_first/images.csv" || failed=1
}
deviation latency cycles 0.5
deviation energy energy_mj 0.5
deviation traffic read_bytes+write_bytes 0
deviation MACs macs 0
exit "$failed"
