#!/usr/bin/env bash
# Runs one study under PJM (Fujitsu's Technical Computing Suite):
#   pjsub -x DECK=inputs/flow/cylinder_wake.yaml cmake/pjm.sh
# Adapt the lines below to the site. The build must have been made there:
# UNDERSTUDY_ENV=native ./quickstart build
#PJM -N understudy
#PJM -L node=1
#PJM -L elapse=02:00:00
#PJM --mpi proc=4
#PJM -j
set -euo pipefail

deck=${DECK:-inputs/flow/cylinder_wake.yaml}
verb=${VERB:-study}
cd "${PJM_O_WORKDIR:-$PWD}"

# module load gcc openmpi cmake        # or: spack env activate understudy
# four ranks on a node of 48 cores
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-12}
export OMP_PROC_BIND=close

# --resume takes up where an earlier job of this deck ended
mpiexec build/bin/understudy "$verb" "$deck" --resume
