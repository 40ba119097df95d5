#!/usr/bin/env bash
# One verb of one deck as a Slurm job that goes on until it is done:
#
#   sbatch examples/cluster/slurm.sh train inputs/flow/cylinder_wake.yaml --out "$SCRATCH/wake"
#
# Adapt the lines below to the site, or overrule them on sbatch's line (sbatch --nodes=1 --time=30 ...). Three minutes
# before the time limit the ranks are sent SIGUSR1: they write a checkpoint and end with exit code 138. The job then
# goes back into the queue, and --resume takes up where it stopped.
#SBATCH --job-name=understudy
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --cpus-per-task=12
#SBATCH --time=02:00:00
#SBATCH --signal=USR1@180
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=understudy-%j.log
set -euo pipefail

program=${UNDERSTUDY_PROGRAM:-build/bin/understudy}
if (($# < 2)); then
  echo "slurm.sh: a verb and a deck, as in: sbatch slurm.sh train inputs/flow/cylinder_wake.yaml --out DIR" >&2
  exit 2
fi
if [[ ! -x $program ]]; then
  echo "slurm.sh: no program $PWD/$program: submit from the project's folder, or set UNDERSTUDY_PROGRAM" >&2
  exit 2
fi

# module load gcc openmpi        # what the program was built with; or: spack env activate understudy
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_PROC_BIND=close OMP_PLACES=cores OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=10000

# Without the MPI library's own process interface every task would be a run of its own: srun --mpi=list
code=0
srun --mpi="${UNDERSTUDY_SRUN_MPI:-pmix}" --cpus-per-task="$OMP_NUM_THREADS" --cpu-bind=cores \
  "$program" "$@" --resume || code=$?

# A signal that comes before anything is done would go round for ever.
most=${UNDERSTUDY_MOST_RESTARTS:-50}
if ((code == 138 && ${SLURM_RESTART_COUNT:-0} >= most)); then
  echo "slurm.sh: stopped by SIGUSR1 after $most restarts (UNDERSTUDY_MOST_RESTARTS): is the time limit too short?" >&2
elif ((code == 138)); then
  echo "slurm.sh: stopped by SIGUSR1 with a checkpoint: job $SLURM_JOB_ID goes back into the queue"
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
