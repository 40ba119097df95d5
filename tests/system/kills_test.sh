#!/usr/bin/env bash
# Every verb that works for long is killed at random moments (SIGKILL: nothing can be tidied up) and gone on
# with by --resume, again and again, and ends as if it had not been stopped: the same results where a restart
# is exact, each iteration once where it is not, and nothing unfinished left behind.
#
#   kills_test.sh SOURCE_FOLDER BINARY_FOLDER [KILLS] [SEED]     kills over all verbs; default 20
set -uo pipefail
program=$2/bin/understudy
kills=${3:-20}
seed=${4:-$((10#$(date +%N) % 32768))}
RANDOM=$seed
echo "seed $seed"
export OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}
# A number of summary.json.
number() { sed -n "s/.*\"$1\": *\([-+.e0-9]*\).*/\1/p" "$2" | head -n 1; }

cat >"$work/flow.yaml" <<'DECK'
app: flow
grid: {cells: [16, 16]}
time: {end_s: 12, window_s: 0.05, output_every: 8, checkpoint_every: 7}
flow:
  reynolds: 100
  boundaries: {y_upper: {kind: wall, velocity_m_s: ["1", "0"]}, y_lower: {kind: wall}, x_lower: {kind: wall}, x_upper: {kind: wall}}
  probes: [{name: a, point_m: [0.5, 0.5]}, {name: b, point_m: [0.2, 0.7]}]
  lines: [{name: middle, from_m: [0.5, 0], to_m: [0.5, 1], points: 9}]
ensemble:
  parameters: [{key: flow.reynolds, values: [50, 100, 150, 200]}]
  validation: [1]
  test: []
  windows: 40
network: {kind: unet, width: 4, levels: 1}
training: {epochs: 12, checkpoint_every: 1, rollout_windows: 4, unroll: [1], unroll_fractions: [], threads: 1}
DECK
{ cat "$work/flow.yaml" && echo 'output: {format: vtkhdf}'; } >"$work/one_file.yaml"
cat >"$work/pinn.yaml" <<'DECK'
app: pinn
problem: {name: poisson}
precision: double
network: {depth: 2, width: 16}
sampling: {interior: 64, boundary: 8, initial: 16}
optimiser: {steps: 600, learning_rate: 5e-3}
record_every: 10
evaluate_every: 100
DECK
cat >"$work/waves.yaml" <<'DECK'
app: seismic
precision: double
grid: {lower_m: [0, -600], upper_m: [600, 0], cells: [30, 30]}
time: {end_s: 0.4, record_every_s: 0.008}
seismic:
  absorbing: {width_cells: 10}
  model: {kind: camembert, p_speed_m_s: 2000, anomaly: {x_m: 300, depth_m: 300, radius_m: 150, contrast: 0.1}}
  wavelet: {frequency_hz: 8}
  sources: [{first_m: [105, 30], last_m: [495, 30], count: 2}]
  receivers: [{first_m: [25, 570], last_m: [575, 570], count: 12}]
inversion:
  start: {kind: homogeneous, p_speed_m_s: 2000}
  stages: [{max_frequency_hz: 8, iterations: 4}, {max_frequency_hz: 0, iterations: 8}]
output: {pictures: false}
DECK

cat >"$work/vortices.yaml" <<'DECK'
app: flow
grid: {upper_m: [6.283185307179586, 6.283185307179586], cells: [24, 24]}
time: {end_s: 4, window_s: 1}
flow:
  viscosity_m2_s: 0.02
  boundaries: {x_lower: {kind: periodic}, x_upper: {kind: periodic}, y_lower: {kind: periodic}, y_upper: {kind: periodic}}
  initial: {velocity_m_s: ["-cos(x) * sin(y)", "sin(x) * cos(y)"]}
assimilation:
  unknowns: [viscosity, initial]
  viscosity: {start_m2_s: 0.04, lower_m2_s: 1e-3, upper_m2_s: 0.1}
  initial: {start_velocity_m_s: ["0", "0"], deviation_velocity_m_s: 1}
  twin: {points: 300, noise: 0.05}
  step_s: 0.1
  iterations: 12
  gradient_tolerance: 0
output: {pictures: []}
DECK

without_column() { cut -d, --complement -f"$1" "$2"; }
same() { cmp -s "$whole/$1" "$parts/$1" || fail "$verb: $1 differs from the uninterrupted run's"; }

# As the uninterrupted call left it.
same_run() {
  local file
  for file in diagnostics.csv probes.csv lines/times.csv; do same "$file"; done
  for file in "$whole"/lines/*.csv "$whole"/fields.pvd "$whole"/fields/*; do
    [[ ! -e $file ]] || same "${file#"$whole"/}"
  done
  if [[ -e $whole/fields.vtkhdf ]]; then  # what is free in HDF5's files differs
    for file in /series/all /VTKHDF/Steps/Values /VTKHDF/FieldData/TimeValue; do
      h5diff "$whole/fields.vtkhdf" "$parts/fields.vtkhdf" "$file" "$file" >"$work/log" 2>&1 ||
        fail "run: other values of $file in fields.vtkhdf: $(tail -n 5 "$work/log")"
    done
  fi
  [[ $(number kinetic_energy "$parts/summary.json") == $(number kinetic_energy "$whole/summary.json") ]] ||
    fail "run: another kinetic energy"
}
same_generate() {
  [[ $(cd "$parts/dataset" && find . -type f | sort) == $(cd "$whole/dataset" && find . -type f | sort) ]] ||
    fail "generate: other files: $(find "$parts/dataset" -type f)"
  [[ $(number members "$parts/summary.json") == 4 ]] || fail "generate: members are missing"
}
same_train() {
  same model/weights.safetensors
  [[ $(without_column 6 "$parts/training.csv") == "$(without_column 6 "$whole/training.csv")" ]] ||
    fail "train: another curve"
}
same_pinn() {
  [[ $(without_column 4 "$parts/history.csv") == "$(without_column 4 "$whole/history.csv")" ]] ||
    fail "pinn: another history"
  [[ $(number rel_l2 "$parts/summary.json") == $(number rel_l2 "$whole/summary.json") ]] ||
    fail "pinn: another error"
}
# The minimiser's memory of past steps is not in the restart file: not the same numbers, but every iteration
# once, and a misfit that falls.
same_invert() {
  local rows times table=inversion columns=1,2 series=inversion
  [[ -f $whole/inversion.csv ]] || table=assimilation columns=1 series=initial
  rows=$(cut -d, -f"$columns" "$parts/$table.csv" | tail -n +2)
  [[ $rows == "$(cut -d, -f"$columns" "$whole/$table.csv" | tail -n +2)" ]] ||
    fail "invert: other iterations and stages in $table.csv: $rows"
  times=$(sed -n 's/.*timestep="\([^"]*\)".*/\1/p' "$parts/$series.pvd")
  [[ $times == "$(sed -n 's/.*timestep="\([^"]*\)".*/\1/p' "$whole/$series.pvd")" ]] ||
    fail "invert: other times in $series.pvd: $times"
  awk -v ratio="$(number misfit_ratio "$parts/summary.json")" 'BEGIN { exit !(ratio != "" && ratio < 0.5) }' ||
    fail "invert: the misfit did not fall"
}
nothing_unfinished() {
  local left
  left=$(find "$parts" -name '*.part' -o -name '*.partial' -o -name '*.before_*' -o -name '*.damaged.*')
  [[ -z $left ]] || fail "$verb: left behind: $left"
}

# What a killed run leaves can be opened, and every step that it shows can be read; of one that was not done no more
# is promised than that it is not shown. (h5dump looks at all that a file has.)
if python3 -c 'import h5py' 2>/dev/null; then with_h5py=yes; else
  with_h5py=
  echo "left out, as python3 has no h5py: that fields.vtkhdf can be read after each kill"
fi
readable() {
  [[ -n $with_h5py && -e $parts/fields.vtkhdf ]] || return 0
  python3 - "$parts/fields.vtkhdf" >"$work/log" 2>&1 <<'READ' ||
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    image = file["VTKHDF"]
    steps = int(image["Steps"].attrs["NSteps"]) if "Steps" in image else 1
    for array in image["CellData"].values():
        rows = array[:steps] if "Steps" in image else array[...]
        assert rows.size >= 256 * steps, (array.name, rows.shape, steps)
    assert len(image["FieldData/TimeValue"][:steps]) == steps
READ
    fail "$verb: fields.vtkhdf cannot be read after a kill: $(tail -n 3 "$work/log")"
}

call() { "$program" "$verb" "$deck" --out "$parts" --resume >"$work/log" 2>&1; }
finish() {
  call || fail "$verb --resume: $(tail -n 5 "$work/log")"
  "same_$verb"
  nothing_unfinished
  call || fail "$verb --resume of a finished one: $(tail -n 5 "$work/log")"
  "same_$verb"
}

# kill_verb VERB DECK KILLS
kill_verb() {
  verb=$1 deck=$2
  local count=$3 begun took n moment process
  whole=$work/$verb.whole parts=$work/$verb.parts
  fresh() {
    rm -rf "$parts"
    mkdir "$parts"
    [[ $verb != train ]] || cp -r "$work/generate.whole/dataset" "$parts/"
  }
  fresh
  mv "$parts" "$whole"
  begun=$(date +%s%N)
  "$program" "$verb" "$deck" --out "$whole" >"$work/log" 2>&1 || {
    grep -q 'needs a build with' "$work/log" && { echo "$verb: not in this build"; return; }
    fail "$verb: $(tail -n 5 "$work/log")"
  }
  took=$((($(date +%s%N) - begun) / 1000000))  # ms
  fresh
  for ((n = 0; n < count; ++n)); do
    moment=$(((RANDOM * 32768 + RANDOM) % took))
    "$program" "$verb" "$deck" --out "$parts" --resume >"$work/log" 2>&1 &
    process=$!
    sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
    if kill -KILL "$process" 2>/dev/null; then
      wait "$process" 2>/dev/null
      readable
    elif wait "$process"; then  # done before the moment came
      "same_$verb"
      fresh
    else
      fail "$verb: $(tail -n 5 "$work/log")"
    fi
  done
  finish
  echo "$verb: killed $count times within $took ms"
}

each=$(((kills + 6) / 7))
kill_verb run "$work/one_file.yaml" "$each"
rm -rf "$work"/run.*
kill_verb run "$work/flow.yaml" "$each"
kill_verb generate "$work/flow.yaml" "$each"
kill_verb train "$work/flow.yaml" "$each"
kill_verb pinn "$work/pinn.yaml" "$each"
kill_verb invert "$work/waves.yaml" "$each"
rm -rf "$work"/invert.*
kill_verb invert "$work/vortices.yaml" "$each"
