#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/fuzz.sh [SECONDS [READER...]]
# Fuzzes the readers of binary files, all of tests/fuzz/corpus/ or those named, each for SECONDS (600
# where not given). Fails at the first finding and says which file in build/fuzz/findings/ it is; fuzz_<reader> FILE
# shows it again. What a run discovered is kept in build/fuzz/corpus/ for the next.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "fuzz.sh: $*" >&2
    exit 1
}

seconds=${1:-600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "'$seconds' is no time; usage: scripts/fuzz.sh [SECONDS [READER...]]"
shift $(($# > 0))
readers=("$@")
if ((${#readers[@]} == 0)); then
    for folder in tests/fuzz/corpus/*/; do
        readers+=("$(basename "$folder")")
    done
fi
command -v clang++ >/dev/null || fail "no clang++; scripts/setup.sh --ci installs it"

cmake --preset fuzz
cmake --build --preset fuzz -j "${HEATSIM_JOBS:-$(nproc)}"
mkdir -p build/fuzz/findings
for reader in "${readers[@]}"; do
    seeds=tests/fuzz/corpus/$reader
    [[ -d $seeds ]] || fail "no reader '$reader' in tests/fuzz/corpus/"
    mkdir -p "build/fuzz/corpus/$reader"
    # a file that takes 10 s or 1 GiB is a finding too
    "build/fuzz/tests/fuzz/fuzz_$reader" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$reader-" \
        "build/fuzz/corpus/$reader" "$seeds" || fail "the reader of '$reader' has a finding, see above"
done
echo "fuzz.sh: ${#readers[@]} reader(s), $seconds s each, nothing found"
