#!/usr/bin/env bash
# Runs one study on a Slurm cluster:  sbatch cmake/slurm.sh inputs/flow/cylinder_wake.yaml
# Adapt the lines below to the site. The build must have been made there:
# UNDERSTUDY_ENV=native ./quickstart build
#SBATCH --job-name=understudy
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=8
#SBATCH --cpus-per-task=4
#SBATCH --time=02:00:00
#SBATCH --output=understudy-%j.log
# SIGTERM two minutes before the end: understudy then writes a checkpoint
#SBATCH --signal=TERM@120
set -euo pipefail

deck=${1:?a deck, e.g. inputs/flow/cylinder_wake.yaml}
verb=${2:-study}
cd "${SLURM_SUBMIT_DIR:-$PWD}"

# module load gcc openmpi cmake        # or: spack env activate understudy
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_PROC_BIND=spread OMP_PLACES=cores

# --resume takes up where an earlier job of this deck ended
srun --cpus-per-task="$OMP_NUM_THREADS" build/bin/understudy "$verb" "$deck" --resume
