#!/usr/bin/env bash
# An equation from outside is checked, trained and judged like ours, its mistakes are named, and docs/pinn.md
# shows the very code.
#
#   damped_wave_test.sh PROGRAM SOURCE_FOLDER
set -euo pipefail
program=$1
source=$2
here=$source/examples/damped_wave
deck=$here/damped_wave.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}
number() { sed -n "s/.*\"$1\": *\([-+.e0-9]*\).*/\1/p" "$2" | head -n 1; }

# refused SETTING WORDS...: check refuses the deck with this setting and says all the words.
refused() {
  local setting=$1 word
  shift
  "$program" check "$deck" --set "$setting" >"$work/resolved.yaml" 2>"$work/error" && fail "$setting passed"
  for word in "$@"; do
    grep -qF -- "$word" "$work/error" || fail "$setting: no '$word' in: $(cat "$work/error")"
  done
}

# The indented lines of the section, without their indent.
documented() {
  awk '/^## / { on = ($0 == "## Add your own equation") } on && /^    / { inside = 1; print substr($0, 5); next }
       on && inside && /^$/ { print; next } { inside = 0 }' "$source/docs/pinn.md"
}

code=$(documented)
[[ -n $code && $(<"$here/damped_wave.cpp") == *"$code"* ]] || fail "docs/pinn.md shows other code than damped_wave.cpp"

"$program" list >"$work/list" || fail "list"
grep -q 'damped_wave *damped wave equation' "$work/list" || fail "the equation is not in the list"
grep -q 'wave_1d' "$work/list" || fail "wave_1d is not in the list"
"$program" check "$deck" >"$work/resolved.yaml" || fail "check"
grep -q 'interior.wave, start.u, start.velocity' "$work/resolved.yaml" || fail "check does not name the terms"

"$program" pinn "$deck" --out "$work/out" || fail "pinn"
error=$(number rel_l2 "$work/out/summary.json")
awk -v error="$error" 'BEGIN { exit !(error != "" && error + 0 > 0 && error + 0 < 0.05) }' ||
  fail "relative error '$error', 0.05 to reach"
[[ -s $work/out/report.html && -s $work/out/model/card.yaml ]] || fail "no report or model"

refused problem.constants.damping=7 problem.constants.damping "7 is out of bounds" "<= 6"
refused problem.name=damped_waves "did you mean 'damped_wave'"
refused curriculum.windows=2 "does not say its initial values"
echo "damped_wave: error $error"
