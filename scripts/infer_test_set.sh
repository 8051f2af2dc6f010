#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Computes all images of a set on the simulated chip, chunk by chunk. Can be stopped at any time: the same command goes
# on behind the last whole chunk. At the end OUT_DIR/predictions.csv and OUT_DIR/trace.csv.gz are those of all images.
#
#     scripts/infer_test_set.sh WEIGHTS SET OUT_DIR [CHUNK [OPTION...]]
#
# CHUNK: images of a chunk, 250 where it is not given. OPTIONs go to `heatsim run`: an accelerator, processes.
# $HEATSIM is the executable.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 WEIGHTS SET OUT_DIR [CHUNK [OPTION...]]" >&2
    exit 2
fi
weights=$1 set=$2 out=$3 chunk=${4:-250}
if [ $# -gt 3 ]; then shift 4; else shift 3; fi
case $chunk in
'' | 0* | *[!0-9]*)
    echo "error: CHUNK: '$chunk'; expected a number of images, at least 1" >&2
    exit 2
    ;;
esac
heatsim=${HEATSIM:-$(dirname "$0")/../build/release/bin/heatsim}

compute() { # FIRST COUNT OPTION...
    "$heatsim" run --functional --weights "$weights" --images "$set" --first-image "$1" -n "$2" -q "${@:3}"
}
number_of() { # KEY: of the probe
    sed -n "/\"$1\":/ { s/.*: *\"\{0,1\}\([0-9a-f]*\).*/\1/p; q; }" <<<"$probe"
}
duration() { # SECONDS
    printf '%d:%02d:%02d' $(($1 / 3600)) $(($1 / 60 % 60)) $(($1 % 60))
}

# one image tells whether everything can be read, and how many there are
probe=$(compute 0 1 "$@" --format json)
total=$(number_of set_images)
made_of="network $(number_of weights_hash), images $set, chunks of $chunk, options $*"
mkdir -p "$out/chunks"
if [ -f "$out/made_of.txt" ] && [ "$(cat "$out/made_of.txt")" != "$made_of" ]; then
    echo "error: $out: holds chunks of $(cat "$out/made_of.txt")" >&2
    echo "error: $out: expected another folder for $made_of" >&2
    exit 2
fi
echo "$made_of" >"$out/made_of.txt"
rm -rf "$out"/chunks/.heatsim-* # of a chunk that was stopped

started=$(date +%s)
computed=0
show_progress() { # DONE
    seconds=$(($(date +%s) - started))
    left=-
    [ "$computed" -eq 0 ] || left=$(duration $((seconds * (total - $1) / computed)))
    line="$1/$total images, $((100 * $1 / total)) %, $left left"
    if [ -t 2 ]; then printf '\r%s\033[K' "$line" >&2; else echo "$line" >&2; fi
}
first=0
while [ "$first" -lt "$total" ]; do
    count=$((total - first < chunk ? total - first : chunk))
    folder=$out/chunks/$(printf %08d "$first")
    if [ ! -f "$folder/summary.json" ]; then
        compute "$first" "$count" "$@" --pictures 0 -o "$folder"
        computed=$((computed + count))
        show_progress $((first + count))
    fi
    first=$((first + count))
done
[ ! -t 2 ] || echo >&2

# whole files or none
merged=$out/.merged
rm -rf "$merged"
mkdir "$merged"
awk 'FNR > 1 || NR == 1' "$out"/chunks/*/predictions.csv >"$merged/predictions.csv"
for folder in "$out"/chunks/*/; do
    [ ! -f "$folder/trace.csv.gz" ] || gzip -dc "$folder/trace.csv.gz" >>"$merged/traces.csv"
done
report=$(awk -F, '
    FNR == 1 { for (i = 1; i <= NF; ++i) if ($i == "latency_ms") column = i; next }
    { sum += $column; ++images }
    END { printf "mean latency %.3f ms", sum / images }' "$out"/chunks/*/images.csv)
if [ -f "$merged/traces.csv" ]; then
    awk -F, -v command="scripts/infer_test_set.sh $weights $set $out $chunk${*:+ $*}" -v summary="$merged/summary.txt" '
        /^# top1_percent:/ { if (!names) top1_line = ++lines; next }
        /^# command:/ { if (!names) header[++lines] = "# command: " command; next }
        /^#/ { if (!names) header[++lines] = $0; next }
        /^image/ {
            names = $0
            has_correct = $NF == "correct"
            for (selectors = 0; $(selectors + 2) == "n" (selectors + 1);) ++selectors
            next
        }
        {
            rows[++images] = $0
            for (i = 1; i <= selectors; ++i) tokens[i] += $(i + 1)
            if (has_correct) correct += $NF
        }
        END {
            if (top1_line) header[top1_line] = sprintf("# top1_percent: %.2f", 100 * correct / images)
            for (i = 1; i <= lines; ++i) print header[i]
            print names
            for (i = 1; i <= images; ++i) print rows[i]
            if (has_correct) printf "top-1 %.2f %%, %d of %d images; ", 100 * correct / images, correct, images >summary
            printf "mean tokens behind the selectors" >summary
            for (i = 1; i <= selectors; ++i) printf " %.2f", tokens[i] / images >summary
            printf "; " >summary
        }' "$merged/traces.csv" | gzip -n >"$merged/trace.csv.gz"
    mv "$merged/trace.csv.gz" "$out/trace.csv.gz"
    report="$(cat "$merged/summary.txt")$report"
fi
mv "$merged/predictions.csv" "$out/predictions.csv"
rm -rf "$merged"
echo "$total images of $set: $report; computed $computed of them now in $(duration $(($(date +%s) - started)))"
