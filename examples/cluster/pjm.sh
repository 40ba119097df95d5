#!/usr/bin/env bash
# One verb of one deck under PJM (Fujitsu's Technical Computing Suite: Fugaku, Flow and others):
#
#   pjsub -x VERB=train,DECK=inputs/flow/cylinder_wake.yaml,OUT=$HOME/wake examples/cluster/pjm.sh
#
# Adapt the lines below to the site. PJM tells no job that its time is running out: three minutes before the limit
# (SECONDS_TO_RUN) mpiexec is sent SIGUSR1, the ranks write a checkpoint and end with exit code 138, and the same job
# submitted again goes on from there. Jobs in a chain: pjsub --step.
#PJM -N understudy
#PJM -L node=2
#PJM -L elapse=02:00:00
#PJM --mpi proc=8
#PJM -j
set -euo pipefail

program=${UNDERSTUDY_PROGRAM:-build/bin/understudy}
verb=${VERB:-study}
deck=${DECK:-inputs/flow/cylinder_wake.yaml}
seconds=${SECONDS_TO_RUN:-7020}
cd "${PJM_O_WORKDIR:-$PWD}"
if [[ ! -x $program ]]; then
  echo "pjm.sh: no program $PWD/$program: submit from the project's folder, or set UNDERSTUDY_PROGRAM" >&2
  exit 2
fi

# module load gcc openmpi        # what the program was built with; or: spack env activate understudy
# Four ranks on a node of 48 cores, one for each group of cores.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-12}
export OMP_PROC_BIND=close OMP_PLACES=cores OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=10000

# OPTIONS are more of the program's, without spaces within them: -x OPTIONS="--set training.batch=16". Commas part the
# variables of -x: options with commas or spaces go into a file, one word of the command line a line.
#   printf '%s\n' --set 'training.unroll=[1, 2, 4]' >options.txt; pjsub -x VERB=train,OPTIONS_FILE=options.txt ...
read -ra options <<<"${OPTIONS:-}"
if [[ -n ${OPTIONS_FILE:-} ]]; then
  if [[ ! -r $OPTIONS_FILE ]]; then
    echo "pjm.sh: no file $OPTIONS_FILE (OPTIONS_FILE) to be read, seen from $PWD" >&2
    exit 2
  fi
  mapfile -t more <"$OPTIONS_FILE"
  options+=("${more[@]}")
fi
exec timeout --preserve-status --signal=USR1 "$seconds" mpiexec "$program" "$verb" "$deck" \
  --out "${OUT:-out/$(basename "$deck" .yaml)}" "${options[@]}" --resume
