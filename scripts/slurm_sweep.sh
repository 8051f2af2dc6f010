#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#SBATCH --job-name=heatsim_sweep
#SBATCH --array=1-8
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
# Usage: scripts/slurm_sweep.sh SPACE [FOLDER [SWEEP_OPTION...]]
# A sweep as a Slurm job array: task I of N simulates shard I/N into FOLDER/part_I.sqlite; a second job, after all of
# them, merges the parts into FOLDER/all.sqlite. FOLDER is the space's name if it is left out; options go to
# `heatsim sweep`. The same submission goes on where an earlier one was stopped.
#
#   SHARDS=32 scripts/slurm_sweep.sh deit_t_pruning_rates results   both jobs
#   sbatch --array=1-32 scripts/slurm_sweep.sh deit_t_pruning_rates results   the array only
#   scripts/slurm_sweep.sh --merge results                          merge what is there, without a job
#
# HEATSIM          the program (default: build/release/bin/heatsim)
# SHARDS           tasks of the array (default: 8)
# SBATCH_OPTIONS   more options of both jobs, e.g. "--partition=cpu --time=4:00:00"
# HEATSIM_SCRATCH  folder on a disk of the node: a part is written there and copied to FOLDER when its task ends, for a
#                  FOLDER on a network file system. A node that dies takes what is not copied yet.
set -euo pipefail

fail() {
    echo "slurm_sweep.sh: $*" >&2
    exit 1
}

heatsim=${HEATSIM:-build/release/bin/heatsim}
command -v "$heatsim" >/dev/null || fail "no program '$heatsim'; set HEATSIM"

# publish STORE PATH: a copy that appears when it is complete, without the log of the one it replaces
publish() {
    cp "$1" "$2.copy"
    rm -f "$2-wal" "$2-shm"
    mv "$2.copy" "$2"
}

# merge FOLDER: into a new store, because one that is there would keep its points that had failed
merge() {
    local folder=$1
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$heatsim" merge "$work/all.sqlite" "$folder"/part_*.sqlite
    publish "$work/all.sqlite" "$folder/all.sqlite"
}

# shard SPACE FOLDER OPTION...: the one of this task
shard() {
    local space=$1 folder=$2 name code=0 process
    shift 2
    name=part_$SLURM_ARRAY_TASK_ID.sqlite
    local command=("$heatsim" sweep "$space" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
        -j "${SLURM_CPUS_PER_TASK:-1}" "$@")
    mkdir -p "$folder"
    if [ -z "${HEATSIM_SCRATCH:-}" ]; then
        exec "${command[@]}" -o "$folder/$name"
    fi
    work=$(mktemp -d -p "$HEATSIM_SCRATCH")
    trap 'rm -rf "$work"' EXIT
    # merged, not copied: a process that was killed has left its last points in the log beside the file
    [ ! -e "$folder/$name" ] || "$heatsim" merge "$work/$name" "$folder/$name"
    "${command[@]}" -o "$work/$name" &
    process=$!
    # Slurm tells all processes of the task, or (--signal=B:TERM) this one only
    trap 'sleep 1; kill -TERM "$process" 2>/dev/null || true' TERM
    while kill -0 "$process" 2>/dev/null; do
        code=0
        wait "$process" || code=$?
    done
    ! "$heatsim" merge "$work/whole.sqlite" "$work/$name" || publish "$work/whole.sqlite" "$folder/$name"
    return "$code"
}

if [ "${1:-}" = --merge ]; then
    merge "${2:?the folder of the parts}"
    exit
fi
[ $# -ge 1 ] || fail "usage: scripts/slurm_sweep.sh SPACE [FOLDER [SWEEP_OPTION...]]"
space=$1
shift
folder=$(basename "$space" .yaml)
if [ $# -gt 0 ]; then
    folder=$1
    shift
fi

if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    shard "$space" "$folder" "$@"
    exit
fi

mkdir -p "$folder"
read -r -a options <<<"${SBATCH_OPTIONS:-}" || true
options+=(--parsable -o "$folder/slurm_%x_%a.log")
array=$(sbatch "${options[@]}" --array="1-${SHARDS:-8}" "$0" "$space" "$folder" "$@")
merging=$(sbatch "${options[@]}" --job-name=heatsim_merge -o "$folder/slurm_merge.log" --open-mode=append \
    --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes \
    --wrap "$(printf '%q ' bash "$(realpath "$0")" --merge "$folder")")
echo "job ${array%%;*}: ${SHARDS:-8} shards of $space; job ${merging%%;*}: merges them into $folder/all.sqlite"
