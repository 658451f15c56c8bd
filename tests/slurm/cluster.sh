#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A Slurm cluster of several nodes on this machine, for tests: real slurmctld, slurmd and munged,
# without systemd and without touching the system's own Slurm.
#
#   cluster.sh start DIR [NODES]     all files in DIR, which must be new; prints what to export
#   cluster.sh kill DIR NODE         the node dies: its slurmd, and all that runs on it
#   cluster.sh revive DIR NODE       and is back
#   cluster.sh stop DIR              ends all of it
set -euo pipefail
umask 022
PATH=$PATH:/usr/sbin:/sbin

usage() {
  sed -n '3,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

free_ports() { # COUNT: ports that nobody listens on
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PYTHON
}

write_conf() { # DIR NODES
  local dir=$1 nodes=$2 ports
  read -ra ports < <(free_ports $((nodes + 1)))
  {
    cat <<CONF
ClusterName=tests
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=${ports[0]}
SlurmctldPidFile=$dir/slurmctld.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmdLogFile=$dir/slurmd.%n.log
SlurmdSpoolDir=$dir/spool.%n
StateSaveLocation=$dir/state
# A requeued array element waits until its credential has expired: 2 minutes, if nothing is said.
AuthInfo=socket=$dir/munge.socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
# What is to be requeued has to say so.
JobRequeue=0
SlurmdTimeout=5
MessageTimeout=4
SlurmctldTimeout=5
KillWait=5
CommunicationParameters=block_null_hash
PropagateResourceLimits=NONE
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=50000,batch_sched_delay=0
SelectType=select/linear
CONF
    local i
    for ((i = 1; i <= nodes; ++i)); do
      echo "NodeName=n$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 State=UNKNOWN"
    done
    echo "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
  } >"$dir/slurm.conf"
  # Where no cgroups are mounted, slurmd does not start if it has to find out which there are.
  echo CgroupPlugin=cgroup/v1 >"$dir/cgroup.conf"
}

start_node() { # DIR NODE
  mkdir -p "$1/spool.$2"
  SLURM_CONF=$1/slurm.conf slurmd -N "$2" -f "$1/slurm.conf"
}

wait_until() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then return 1; fi
    sleep 0.1
  done
}

all_idle() { # DIR NODES
  [ "$(SLURM_CONF=$1/slurm.conf sinfo --noheader --Node --format=%T 2>/dev/null | grep -cx idle)" = "$2" ]
}

start() { # DIR NODES
  local nodes=$2 i
  mkdir "$1"
  dir=$(cd "$1" && pwd)
  trap 'tail -n 5 "$dir"/*.log >&2; stop "$dir"' EXIT # until all are up
  mkdir "$dir/state"
  (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
  munged --force --num-threads=2 --key-file="$dir/munge.key" --socket="$dir/munge.socket" \
    --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" 2>"$dir/munged.err"
  write_conf "$dir" "$nodes"
  SLURM_CONF=$dir/slurm.conf slurmctld -f "$dir/slurm.conf"
  for ((i = 1; i <= nodes; ++i)); do start_node "$dir" "n$i"; done
  if ! wait_until 30 all_idle "$dir" "$nodes"; then
    echo "the nodes did not come up" >&2
    exit 1
  fi
  trap - EXIT
  echo "export SLURM_CONF=$dir/slurm.conf"
}

is_alive() { # PID: and not a process that has ended and that nobody has waited for
  local state
  state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) && [ -n "$state" ] && [[ $state != Z* ]]
}

none_is_alive() { # PID...
  local pid
  for pid; do
    if is_alive "$pid"; then return 1; fi
  done
}

send() { # SIGNAL PID...
  local signal=$1 pid
  shift
  for pid; do kill -s "$signal" "$pid" 2>/dev/null || true; done
}

# The processes, of those given or else of all, whose environment has a line that matches.
processes_with() { # REGEX [PID]...
  local pattern=$1 all=(/proc/[0-9]*)
  shift
  if [ $# -gt 0 ]; then all=("${@/#//proc/}"); fi
  grep -lsxzE "$pattern" "${all[@]/%//environ}" 2>/dev/null | tr -dc '0-9\n' || true
}

# What sbatch started, on a node if one is given.
started() { # DIR [NODE]
  local pids
  mapfile -t pids < <(processes_with "SLURM_CONF=$1/slurm.conf")
  if [ ${#pids[@]} -gt 0 ]; then processes_with "SLURMD_NODENAME=${2:-.*}" "${pids[@]}"; fi
}

# Those of processes that are slurmstepd: they hold what a node runs, and tell how it ended.
holders() { # PID...
  local pid name
  for pid; do
    if read -r name 2>/dev/null <"/proc/$pid/comm" && [ "$name" = slurmstepd ]; then echo "$pid"; fi
  done
}

parents() { # PID...
  local pid
  for pid; do sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null || true; done
}

# As when the power is lost: nobody is left to tell that the others have ended.
kill_node() { # DIR NODE
  local pids above
  send KILL "$(cat "$1/slurmd.$2.pid")"
  # What is about to start may not be there the first time.
  for _ in 1 2; do
    mapfile -t pids < <(started "$1" "$2")
    mapfile -t above < <(parents "${pids[@]}")
    mapfile -t above < <(holders "${above[@]}")
    send KILL "${above[@]}" "${pids[@]}"
  done
  wait_until 10 none_is_alive "${above[@]}" "${pids[@]}"
}

stop() { # DIR
  local pids of_cluster above
  mapfile -t pids < <(cat "$1"/slurmctld.pid "$1"/slurmd.*.pid "$1"/munged.pid 2>/dev/null)
  send TERM "${pids[@]}"
  wait_until 3 none_is_alive "${pids[@]}" || send KILL "${pids[@]}"
  mapfile -t of_cluster < <(processes_with "SLURM_CONF=$1/slurm.conf")
  mapfile -t above < <(holders "${of_cluster[@]}")
  mapfile -t pids < <(started "$1")
  send KILL "${above[@]}" "${pids[@]}"
  wait_until 10 none_is_alive "${above[@]}" "${pids[@]}"
}

[ $# -ge 2 ] || usage
# This script is none of the processes that it looks for by their environment.
if [ -n "${SLURM_CONF:-}" ]; then exec env -u SLURM_CONF bash "$0" "$@"; fi
case $1 in
  start) start "$2" "${3:-3}" ;;
  kill) kill_node "$(cd "$2" && pwd)" "$3" ;;
  revive) start_node "$(cd "$2" && pwd)" "$3" ;;
  stop) stop "$(cd "$2" && pwd)" ;;
  *) usage ;;
esac
