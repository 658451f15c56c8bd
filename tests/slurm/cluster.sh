#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A Slurm cluster of several nodes on this machine, for tests: real slurmctld, slurmd and munged, without systemd and without
# touching the system's own Slurm.
#
#   cluster.sh start DIR [NODES]     all files in DIR, which must be new; prints what to export for sbatch, squeue, ...
#   cluster.sh kill DIR NODE         the node dies: its slurmd, and all that runs on it
#   cluster.sh revive DIR NODE       and is back
#   cluster.sh stop DIR              ends all of it
set -euo pipefail
umask 022

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
SlurmdTimeout=5
SlurmctldTimeout=5
KillWait=5
CommunicationParameters=block_null_hash
PropagateResourceLimits=NONE
SchedulerType=sched/builtin
SelectType=select/linear
CONF
    local i
    for ((i = 1; i <= nodes; ++i)); do
      echo "NodeName=n$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 State=UNKNOWN"
    done
    echo "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
  } >"$dir/slurm.conf"
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
  local dir nodes=${2:-3}
  mkdir "$1"
  dir=$(cd "$1" && pwd)
  mkdir "$dir/state"
  dd if=/dev/urandom of="$dir/munge.key" bs=1024 count=1 status=none
  chmod 400 "$dir/munge.key"
  munged --force --num-threads=2 --key-file="$dir/munge.key" --socket="$dir/munge.socket" \
    --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" 2>>"$dir/munged.err"
  write_conf "$dir" "$nodes"
  SLURM_CONF=$dir/slurm.conf slurmctld -f "$dir/slurm.conf"
  local i
  for ((i = 1; i <= nodes; ++i)); do start_node "$dir" "n$i"; done
  if ! wait_until 30 all_idle "$dir" "$nodes"; then
    tail -n 20 "$dir"/*.log >&2
    stop "$dir"
    echo "the nodes did not come up" >&2
    exit 1
  fi
  echo "export SLURM_CONF=$dir/slurm.conf"
}

# The processes whose environment holds a line.
processes_with() { # LINE
  local file
  for file in /proc/[0-9]*/environ; do
    if tr '\0' '\n' 2>/dev/null <"$file" | grep -qxF "$1"; then
      basename "$(dirname "$file")"
    fi
  done
}

end_process() { # PID
  kill -KILL "$1" 2>/dev/null || true
}

# What runs on a node, and the steps that hold it.
end_work() { # DIR NODE
  local pid
  comm -12 <(processes_with "SLURM_CONF=$1/slurm.conf" | sort) \
    <(processes_with "SLURMD_NODENAME=$2" | sort) | while read -r pid; do
    end_process "$pid"
  done
  pgrep -f "^slurmstepd: .*" | while read -r pid; do
    if grep -qz "^SLURM_CONF=$1/slurm.conf" "/proc/$pid/environ" 2>/dev/null &&
      readlink "/proc/$pid/cwd" | grep -q "spool.$2"; then
      end_process "$pid"
    fi
  done
}

kill_node() { # DIR NODE
  end_process "$(cat "$1/slurmd.$2.pid")"
  end_work "$1" "$2"
}

stop() { # DIR
  local file pid
  for file in "$1"/slurmctld.pid "$1"/slurmd.*.pid "$1"/munged.pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    end_process "$pid"
  done
  processes_with "SLURM_CONF=$1/slurm.conf" | while read -r pid; do
    if [ "$pid" != $$ ] && [ "$pid" != "$PPID" ] && grep -aqE "slurm|sweep" "/proc/$pid/cmdline" 2>/dev/null; then end_process "$pid"; fi
  done
}

[ $# -ge 2 ] || usage
case $1 in
  start) start "$2" "${3:-3}" ;;
  kill) kill_node "$(cd "$2" && pwd)" "$3" ;;
  revive) start_node "$(cd "$2" && pwd)" "$3" ;;
  stop) stop "$(cd "$2" && pwd)" ;;
  *) usage ;;
esac
