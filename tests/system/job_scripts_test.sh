#!/usr/bin/env bash
# The job scripts of examples/cluster, with stand-ins for what a batch system brings: mpirun for srun, and a scontrol
# that only notes what it was asked. tests/cluster/slurm has them run under Slurm itself.
#
#   job_scripts_test.sh SOURCE_FOLDER BINARY_FOLDER
set -euo pipefail
source=$(readlink -f "$1")
export UNDERSTUDY_PROGRAM=$2/bin/understudy OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
export PATH=$work/bin:$PATH work
cd "$source"

fail() {
  echo "FAILED: $*"
  exit 1
}
# expect CODE TEXT CMD...: its exit code, and a part of what it says.
expect() {
  local code=0
  "${@:3}" >"$work/log" 2>&1 || code=$?
  if ((code != $1)) || ! grep -q -- "$2" "$work/log"; then
    fail "${*:3}: exit code $code instead of $1, or no '$2' in: $(tail -n 5 "$work/log")"
  fi
}
number() { sed -n "s/.*\"$1\": *\([-+.e0-9]*\).*/\1/p" "$2" | head -n 1; }

if ! command -v mpirun >/dev/null || ! "$UNDERSTUDY_PROGRAM" list | grep -q '^ *mpi *yes'; then
  echo "left out: no MPI in this build"
  exit 77
fi
cat >"$work/bin/srun" <<'STUB'
#!/usr/bin/env bash
echo "srun $*" >>"$work/calls"
while [[ $1 == --* ]]; do shift; done
mpirun -n 2 "$@" &
process=$!
if [[ -n ${SIGNAL_WITH:-} ]]; then
  until [[ -s $SIGNAL_WITH ]] || ! kill -0 "$process"; do sleep 0.1; done
  kill -USR1 "$process"
fi
wait "$process"
STUB
cat >"$work/bin/scontrol" <<'STUB'
#!/usr/bin/env bash
echo "scontrol $*" >>"$work/calls"
STUB
cat >"$work/bin/mpiexec" <<'STUB'
#!/usr/bin/env bash
exec mpirun -n 2 "$@"
STUB
chmod +x "$work"/bin/*
export SLURM_JOB_ID=17 SLURM_CPUS_PER_TASK=1

slurm=examples/cluster/slurm.sh
pjm=examples/cluster/pjm.sh
deck=inputs/flow/cavity.yaml
small=(--set "grid.cells=[32,32]" --set time.output_every=4 --set time.steady.change=0)
expect 2 "a verb and a deck" "$slurm" run
expect 2 "no program" env UNDERSTUDY_PROGRAM=nowhere/understudy "$slurm" run "$deck"
expect 2 "no program" env UNDERSTUDY_PROGRAM=nowhere/understudy "$pjm"
for script in slurm two_hosts image; do expect 2 "no program $source/nowhere/" "tests/cluster/$script" nowhere; done
[[ ! -e $work/calls ]] || fail "something was started: $(cat "$work/calls")"

# Refused by the program: no requeue.
expect 2 "time.end_s" "$slurm" run "$deck" --set time.end=1 --out "$work/refused"
! grep -q scontrol "$work/calls" || fail "a refused job was requeued"

# Stopped by a signal, and put back into the queue; PJM's script by its own clock, which may strike before a busy
# machine has made a step.
run=(run "$deck" "${small[@]}" --set time.end_s=100000 --out "$work/slurm")
SIGNAL_WITH=$work/slurm/diagnostics.csv expect 138 "job 17 goes back into the queue" "$slurm" "${run[@]}"
grep -qx "scontrol requeue 17" "$work/calls" || fail "no requeue: $(cat "$work/calls")"
grep -q -- "--mpi=pmix" "$work/calls" || fail "srun without MPI's process interface: $(cat "$work/calls")"
[[ -s $work/slurm/checkpoint.h5 ]] || fail "no checkpoint"

run=(env VERB=run DECK="$deck" OUT="$work/pjm" OPTIONS="${small[*]} --set time.end_s=100000")
for seconds in 3 12 48; do
  expect 138 "" "${run[@]}" SECONDS_TO_RUN=$seconds "$pjm"
  if [[ -s $work/pjm/checkpoint.h5 ]]; then break; fi
done
[[ -s $work/pjm/checkpoint.h5 ]] || fail "pjm.sh: no checkpoint: $(tail -n 5 "$work/log")"
# With commas and spaces: from a file.
printf '%s\n' --set "grid.cells=[32, 32]" "${small[@]:2}" >"$work/options"
expect 0 "results in" env VERB=run DECK="$deck" OUT="$work/short" OPTIONS_FILE="$work/options" \
  OPTIONS="--set time.end_s=1" "$pjm"
expect 2 "no file $work/nothing (OPTIONS_FILE)" env OPTIONS_FILE="$work/nothing" "$pjm"
[[ $(number ranks "$work/short/summary.json") == 2 ]] || fail "pjm.sh: not 2 ranks"
