#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/check_slurm.sh
# Sets up Slurm with one node in a temporary folder (Debian packages slurm-wlm and munge), sweeps a small space with
# scripts/slurm_sweep.sh and under MPI, and compares the tables with that of one process. Everything it starts ends
# with it. Exit code 1 if a table differs or a job fails, 77 where Slurm is not installed.
# The executable is $HEATSIM, else build/release/bin/heatsim. $HEATSIM_SLURM_LOGS: a folder that keeps the logs.
# shellcheck disable=SC2317 # functions that trap and bash -c call
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin:/sbin # where Debian has the daemons
for program in munged slurmctld slurmd sbatch srun scontrol; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: no $program (Debian packages slurm-wlm and munge)"
        exit 77
    fi
done

heatsim=$(realpath "${HEATSIM:-build/release/bin/heatsim}")
export HEATSIM=$heatsim
[ -x "$heatsim" ] || { echo "check_slurm.sh: no program '$heatsim'" >&2; exit 1; }
scripts=$PWD/scripts
folder=$(mktemp -d)
chmod 755 "$folder" # munge wants its socket to be reachable
mkdir "$folder"/{munge,state,spool,log,tmp}
export SLURM_CONF=$folder/slurm.conf
export TMPDIR=$folder/tmp
daemons=()

# left_over: processes that have our folder in their environment, but this one
left_over() {
    local process
    for process in /proc/[0-9]*; do
        process=${process#/proc/}
        if [ "$process" != $$ ] && [ "$process" != "$BASHPID" ] &&
            grep -qs "SLURM_CONF=$SLURM_CONF" "/proc/$process/environ" 2>/dev/null; then
            echo "$process"
        fi
    done
}

clean_up() {
    local process end
    trap - EXIT
    timeout 5 scancel --full --signal=KILL --me 2>/dev/null || true
    timeout 5 scancel --me 2>/dev/null || true
    for process in "${daemons[@]}"; do
        kill "$process" 2>/dev/null || true
    done
    end=$((SECONDS + 8))
    while [ -n "$(left_over)" ] && ((SECONDS < end)); do
        sleep 0.2
    done
    for process in $(left_over); do
        kill -KILL "$process" 2>/dev/null || true
    done
    wait
    if [ -n "${HEATSIM_SLURM_LOGS:-}" ]; then
        mkdir -p "$HEATSIM_SLURM_LOGS"
        cp -r "$folder"/log/. "$HEATSIM_SLURM_LOGS"
    fi
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "check_slurm.sh: $*" >&2
    tail -n 5 "$folder"/log/* >&2 || true
    exit 1
}

# until_true WHAT COMMAND...: at most 60 s
until_true() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until timeout 5 bash -c '"$@"' bash "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || fail "$what: not within 60 s"
        sleep 0.2
    done
}

# free_port FROM: nobody listens there
free_port() {
    local port=$1
    while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        ((++port))
    done
    echo "$port"
}

start() {
    local name=$1
    shift
    timeout 600 "$@" >"$folder/log/$name.log" 2>&1 &
    daemons+=($!)
}

# --- munge, for its own key and socket
head -c 128 /dev/urandom >"$folder/munge/key"
chmod 600 "$folder/munge/key"
start munged munged --foreground --force --num-threads=2 --key-file="$folder/munge/key" \
    --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" --log-file="$folder/log/munged" \
    --seed-file="$folder/munge/seed"
until_true "munged" munge --no-input --socket="$folder/munge/socket"

# --- Slurm: controller and one node, which is this machine. Open MPI names its shared memory by host and job: another
# Slurm on this machine must have other job numbers
controller_port=$(free_port $((10000 + RANDOM / 2 * 2 % 20000)))
node_port=$(free_port $((controller_port + 1)))
cat >"$SLURM_CONF" <<END
ClusterName=heatsim_check
SlurmctldHost=$(uname -n)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
SlurmctldPort=$controller_port
SlurmdPort=$node_port
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
TmpFS=$folder/tmp
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MessageTimeout=10
SlurmdParameters=config_overrides
KillWait=5
ReturnToService=2
FirstJobId=$((1 + RANDOM * 32 + RANDOM % 32))
NodeName=$(uname -n) NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
start slurmctld slurmctld -D -c
start slurmd slurmd -D
# ready: the node takes jobs
ready() { sinfo -h -t idle -o '%n' | grep -q .; }
export -f ready
until_true "the node" ready

# --- the sweep
cat >"$folder/small.yaml" <<'END'
name: small
base: {model: deit_t, schedule: heatvit}
axes:
  - {name: keep_ratio, key: schedule.selectors.1.keep_ratio, values: [0.25, 0.3, 0.39, 0.5]}
  - {name: heads, key: array.heads, values: [1, 3, 6]}
  - {name: outputs, key: array.output_channels, values: [16, 24, 32]}
constraints:
  - heads * 24 * outputs >= 576
objectives:
  - minimize: latency_ms.mean
  - minimize: resources.dsps
END
cd "$folder"
large=(--set base.model=deit_b)
"$heatsim" sweep -q small.yaml -o one.sqlite
"$heatsim" sweep -q small.yaml "${large[@]}" -o one_large.sqlite
for store in one one_large; do
    "$heatsim" export "$store.sqlite" -o "$store.csv"
done
failed=0

# same NAME STORE [TABLE]: the table of the store is that of one process
same() {
    if [ -e "$2" ] && "$heatsim" export "$2" -o table.csv && cmp -s "${3:-one.csv}" table.csv; then
        echo "$1: same table as one process's"
    else
        echo "$1: table DIFFERS from one process's"
        cat "log/$1.log" 2>/dev/null || true
        failed=1
    fi
}

# finished: no job is left
finished() { ! squeue -h | grep -q .; }
export -f finished

# submit FOLDER OPTION...: with scripts/slurm_sweep.sh
submit() {
    SHARDS=4 timeout 20 "$scripts/slurm_sweep.sh" small.yaml "$@" --format json >>log/submit.log
}
# wait_for FOLDER: its jobs
wait_for() {
    until_true "the jobs of $1" finished
    cat "$1"/*.log >"log/$1.log"
}

submit array
wait_for array
same "array" array/all.sqlite
submit array # the same submission again
wait_for array
reused=$(grep -c '"simulated": 0' log/array.log || true)
if [ "$reused" -eq 4 ]; then
    echo "array again: nothing is simulated twice"
else
    echo "array again: $reused of 4 shards simulated nothing, expected all"
    failed=1
fi

# cancelled in the midst, with parts on a disk of the node, and submitted again
mkdir scratch
export HEATSIM_SCRATCH=$folder/scratch
# writes: a part is being written, or all of them are
writes() { compgen -G "scratch/*/part_*.sqlite" || finished; }
export -f writes
submit cancelled "${large[@]}"
until_true "the parts" writes
timeout 5 scancel --me
wait_for cancelled
submit cancelled "${large[@]}"
wait_for cancelled
same "cancelled" cancelled/all.sqlite one_large.csv

# under MPI
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# mpi NAME COMMAND...: as a job of three processes
mpi() {
    local name=$1
    shift
    if timeout 60 sbatch -W -n 3 -o "$folder/log/$name.log" --wrap "$*" >>log/submit.log; then
        same "$name" "$name.sqlite"
    elif grep -q "built with MPI" "log/$name.log"; then
        echo "$name: left out, this heatsim is built without MPI"
    else
        echo "$name: FAILED"
        cat "log/$name.log"
        failed=1
    fi
}
if command -v mpirun >/dev/null; then
    mpi mpirun mpirun --enable-recovery "$heatsim" sweep -q small.yaml -o mpirun.sqlite
    mpi srun srun --mpi=pmix "$heatsim" sweep -q small.yaml -o srun.sqlite
fi
exit "$failed"
