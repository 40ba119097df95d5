#!/usr/bin/env bash
# The tutorial's commands with a small deck: every verb of the program works on an app from outside, and says
# what is wrong with a deck as it does for its own.
#
#   gray_scott_test.sh PROGRAM DECK
set -euo pipefail
program=$1
deck=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small=(--set 'grid.cells=[32,32]' --set time.end_s=200 --set ensemble.repeats=3 --set 'ensemble.validation=[1]'
  --set 'ensemble.test=[2]' --set ensemble.windows=6 --set network.width=4 --set network.levels=2 --set training.epochs=2
  --set training.rollout_windows=3 --set 'training.unroll=[1]' --set 'training.unroll_fractions=[]' --set compare.windows=3)

fail() {
  echo "FAILED: $*"
  exit 1
}
number() { sed -n "s/.*\"$1\": *\([-+.e0-9]*\).*/\1/p" "$2" | head -n 1; }

"$program" list | grep -q 'gray_scott *patterns' || fail "the app is not in the list"
"$program" check "$deck" "${small[@]}" >"$work/resolved.yaml" || fail "check"
grep -q 'feed_1_s: 0.037' "$work/resolved.yaml" || fail "the app's section is not in the resolved deck"

"$program" run "$deck" "${small[@]}" --set swap.policy=never --out "$work/run" || fail "run"
[[ -s $work/run/fields.pvd ]] || fail "run wrote no fields"
mpirun -n 2 "$program" run "$deck" "${small[@]}" --set swap.policy=never --set precision=double --out "$work/two" || fail "run on two ranks"
"$program" run "$deck" "${small[@]}" --set swap.policy=never --set precision=double --out "$work/one" || fail "run in double precision"
one=$(number covered_fraction "$work/one/summary.json")
two=$(number covered_fraction "$work/two/summary.json")
[[ -n $one && $one == "$two" ]] || fail "one rank says $one, two say $two"

# The verbs one by one, then by the gates that the training's data calibrated.
verbs() { "$program" "$1" "$deck" "${small[@]}" "${gates[@]}" --out "$work/verbs" "${@:2}" || fail "$*"; }
gates=(--set swap.gate.quantile=0.5 --set swap.gate.error_limit=10 --set swap.gate.calibration.windows=2
  --set swap.gate.calibration.starts=2)
for verb in generate train compare calibrate; do verbs "$verb"; done
[[ -s $work/verbs/report.html && -s $work/verbs/model/card.yaml ]] || fail "compare: no report, or train: no model"
verbs run --set swap.policy=gate
grep -q '"policy": *"gate"' "$work/verbs/summary.json" || fail "run by gates: another policy in the summary"

"$program" study "$deck" "${small[@]}" --out "$work/study" || fail "study"
grep -q 'same_grid' "$work/study/summary.json" || fail "no speed-up in the study's summary"
[[ -s $work/study/report.html && -s $work/study/model/card.yaml ]] || fail "no report or model"

# The gate that the program brings: listed, calibrated, and asked in a guarded run.
"$program" list | grep -q 'balance *the change of mean U + V' || fail "the gate is not in the list"
"$program" calibrate "$deck" "${small[@]}" --out "$work/study" || fail "calibrate"
grep -q 'kind: "balance"' "$work/study/model/card.yaml" || fail "the gate is not in the card"
"$program" run "$deck" "${small[@]}" --set swap.policy=gate --set "swap.model=$work/study/model" \
  --out "$work/gated" 2>"$work/log" || fail "guarded run: $(cat "$work/log")"
grep -q 'gate balance: bound' "$work/log" || fail "the run did not use the gate: $(cat "$work/log")"
grep -q '"policy": *"gate"' "$work/gated/summary.json" || fail "no guard in the summary"
"$program" check "$deck" --set 'swap.gate.use=[balanse]' 2>"$work/error" && fail "a gate that does not exist passed"
grep -q 'disagreement, balance' "$work/error" || fail "the gates are not named: $(cat "$work/error")"

# The network that the program brings: listed, trained on the same data and compared.
"$program" list | grep -q 'local *3 x 3 convolutions' || fail "the network is not in the list"
local=(--set network.kind=local --set network.layers=3 --set training.epochs=1)
mkdir "$work/local"
cp -r "$work/study/dataset" "$work/local/dataset"
"$program" train "$deck" "${small[@]}" "${local[@]}" --out "$work/local" || fail "train of the local network"
grep -q 'kind: local' "$work/local/model/card.yaml" || fail "the card is not the local network's"
"$program" compare "$deck" "${small[@]}" "${local[@]}" --out "$work/local" || fail "compare of the local network"
grep -q 'same_grid' "$work/local/summary.json" || fail "no speed-up of the local network"
"$program" check "$deck" --set network.kind=locla 2>"$work/error" && fail "a network that does not exist passed"
grep -q 'dmd, correction, imported, local' "$work/error" || fail "the networks are not named: $(cat "$work/error")"

"$program" check "$deck" --set gray_scott.feed=0.03 2>"$work/error" && fail "a key that does not exist passed"
grep -q "feed_1_s" "$work/error" || fail "no nearest key: $(cat "$work/error")"
"$program" check "$deck" --set 'grid.cells=[8,8,8]' --set 'grid.lower_m=[0,0,0]' --set 'grid.upper_m=[1,1,1]' \
  2>"$work/error" && fail "a 3-D grid passed"
grep -q "two-dimensional" "$work/error" || fail "3-D: $(cat "$work/error")"
echo "gray_scott: all verbs"
