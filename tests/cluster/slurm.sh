#!/bin/bash
# Run the small grid of simulations through a real scheduler: Slurm on this one machine.
#
# Needs root, Debian's slurm-wlm, and snakemake-executor-plugin-slurm beside Snakemake (in .venv,
# or in a folder on PYTHONPATH). Not part of `make test`. What was seen: docs/cluster.md.
#
#     apt-get install slurm-wlm
#     .venv/bin/python -m pip install snakemake-executor-plugin-slurm
#     tests/cluster/slurm.sh
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
conf=/etc/slurm/slurm.conf # a job's own srun looks nowhere else
node=$(hostname -s)
started=()
test ! -e "$conf" || { echo "$conf exists: this trial is for a machine without Slurm"; exit 2; }

finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -f "$conf"
    echo "logs: $work"
}
trap finish EXIT

mkdir -p "$(dirname "$conf")"
cat > "$conf" <<END
ClusterName=trial
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=3000 State=UNKNOWN
PartitionName=trial Nodes=$node Default=YES MaxTime=60 State=UP
END
mkdir -p "$work/state" "$work/spool"

if ! munge -n > /dev/null 2>&1; then
    install -d -o munge -g munge -m 755 /run/munge
    runuser -u munge -- /usr/sbin/munged --foreground > "$work/munged.log" 2>&1 &
    started+=($!)
    sleep 2
fi
slurmctld -D > "$work/slurmctld.out" 2>&1 &
started+=($!)
sleep 2
slurmd -D -N "$node" > "$work/slurmd.out" 2>&1 &
started+=($!)
for _ in $(seq 30); do
    sinfo -h -o %T 2>/dev/null | grep -q idle && break
    sleep 1
done
sinfo

export PATH=$root/.venv/bin:$PATH
run() {
    mkdir -p "$work/$1"
    snakemake -s "$root/Snakefile" --directory "$work/$1" --config data="$root/data" grid=small \
        "${@:2}" -- power_grid
}
run slurm --executor slurm --jobs 2 --latency-wait 30 --slurm-status-command squeue \
    --slurm-init-seconds-before-status-checks 5 --slurm-no-account \
    --slurm-keep-successful-logs --default-resources slurm_partition=trial
run local --cores 2
cmp "$work/slurm/.work/power/small.csv" "$work/local/.work/power/small.csv"
echo "the grid is the same through Slurm and without it, byte for byte"
