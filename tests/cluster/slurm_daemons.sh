# shellcheck shell=bash disable=SC2034
# Sourced after hosts.sh: Slurm of Debian's packages on the hosts head, node1 and node2, without systemd. Two nodes of
# two cores each, whatever the machine has. Processes, state and logs are gone with the namespaces of with_packages.
#
#   start_slurm     munge, slurmctld on head, slurmd on the nodes; returns when both nodes are idle
#   slurm_logs      what the daemons said last
readonly slurm_packages="slurmctld slurmd slurm-client munge iproute2"

write_slurm_configuration() {
  mkdir -p /etc/slurm /var/lib/slurm/state /var/log/slurm
  cat >/etc/slurm/slurm.conf <<'CONF'
ClusterName=understudy
SlurmctldHost=head
SlurmUser=root
SlurmdUser=root
StateSaveLocation=/var/lib/slurm/state
SlurmdSpoolDir=/var/lib/slurm/%n
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd-%n.pid
SlurmctldLogFile=/var/log/slurm/slurmctld.log
SlurmdLogFile=/var/log/slurm/%n.log
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=5,bf_interval=5
MpiDefault=pmix
KillWait=30
ReturnToService=2
NodeName=node[1-2] Sockets=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=4000
PartitionName=work Nodes=node[1-2] Default=YES MaxTime=60 State=UP
CONF
  echo 'CgroupPlugin=disabled' >/etc/slurm/cgroup.conf
  # Two nodes in one folder would remove each other's files.
  echo 'PMIxCliTmpDirBase=/run/host' >/etc/slurm/mpi.conf
}

start_munge() {
  mkdir -p /run/munge /var/log/munge /var/lib/munge /etc/munge
  chown munge:munge /run/munge /var/log/munge /var/lib/munge /etc/munge
  head -c 1024 /dev/urandom >/etc/munge/munge.key
  chown munge:munge /etc/munge/munge.key
  chmod 400 /etc/munge/munge.key
  setpriv --reuid munge --regid munge --clear-groups munged
}

slurm_logs() { tail -n 20 /var/log/slurm/*.log >&2; }

start_slurm() {
  local name tries
  write_slurm_configuration
  start_munge
  on_host head slurmctld
  for name in node1 node2; do
    on_host "$name" slurmd -N "$name"
  done
  for ((tries = 0; tries < 60; ++tries)); do
    if [[ $(on_host head sinfo --noheader --format=%D --states=idle 2>/dev/null) == 2 ]]; then return; fi
    sleep 1
  done
  slurm_logs
  echo "Slurm's two nodes did not become idle within a minute" >&2
  return 1
}
