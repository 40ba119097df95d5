#!/usr/bin/env bash
# The kit for a GPU machine (benchmarks/gpu), with programs that are none: what is packed, what runs, what hangs and
# is cut, what fails and is said.
set -euo pipefail
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "gpu_kit_test: $*" >&2
  exit 1
}

# program FOLDER NAME SCRIPT
program() {
  mkdir -p "$work/$1"
  printf '#!/usr/bin/env bash\n%s\n' "$3" >"$work/$1/$2"
  chmod +x "$work/$1/$2"
}

for build in device cpu; do
  program $build/benchmarks bench_solvers_wake "echo wake on $build: \$* with \${OMP_NUM_THREADS:-all}"
  program $build/benchmarks bench_solvers_flow 'exit 3'
  # Those two seconds are cut from the whole budget below.
  program $build/tests test_unit_core 'if [[ $2 == names_test.cpp ]]; then sleep 60; fi; echo "[  PASSED  ] 1 test."'
done
program empty nothing 'true'
rm "$work/empty/nothing"

if "$source/benchmarks/gpu/pack" "$work/empty" "$work/cpu" "$work/kit.tar.xz" >"$work/log" 2>&1; then
  fail "a build without programs was packed"
fi
grep -q 'has no programs: build benchmarks and tests there' "$work/log" || fail "$(cat "$work/log")"
if "$source/benchmarks/gpu/pack" "$work/missing" "$work/cpu" "$work/kit.tar.xz" >"$work/log" 2>&1; then
  fail "a build that is not there was packed"
fi
grep -q "no build folder $work/missing" "$work/log" || fail "$(cat "$work/log")"

"$source/benchmarks/gpu/pack" "$work/device" "$work/cpu" "$work/kit.tar.xz" >"$work/log"
tar -C "$work" -xf "$work/kit.tar.xz"
for file in run commit.txt tests.txt device/bench_solvers_wake cpu/test_unit_core inputs/flow/cylinder_wake.yaml; do
  [[ -e $work/kit/$file ]] || fail "the kit lacks $file"
done
grep -qx 'test_unit_core names_test.cpp' "$work/kit/tests.txt" || fail "$(cat "$work/kit/tests.txt")"

UNDERSTUDY_KIT_TEST_LIMIT_S=2 "$work/kit/run" "$work/results" 100 >"$work/log"
cd "$work/results"
grep -qx 'wake on device: 128 2 with all' device.txt || fail "device.txt: $(cat device.txt)"
grep -qx 'wake on cpu: 128 2 with 1' cpu_one_core.txt || fail "cpu_one_core.txt: $(cat cpu_one_core.txt)"
grep -q 'device.txt rc=3 .*bench_solvers_flow 2 0.5 512' ends.txt || fail "ends.txt: $(cat ends.txt)"
grep -q 'unit_core/names_test  *rc=124' tests.txt || fail "a test that hangs was not cut: $(cat tests.txt)"
grep -q 'unit_core/files_test  *rc=0 .*PASSED' tests.txt || fail "tests.txt: $(cat tests.txt)"
[[ $(wc -l <tests.txt) == "$(wc -l <"$work/kit/tests.txt")" ]] || fail "not every test was run"

# Without time nothing starts, and that is said.
"$work/kit/run" "$work/none" 0 >"$work/log"
grep -q 'not started, no time left: .*bench_solvers_wake' "$work/none/ends.txt" || fail "$(cat "$work/none/ends.txt")"
