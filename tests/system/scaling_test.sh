#!/usr/bin/env bash
# benchmarks/scaling: the measuring script on one and two ranks, small, and the model that reads what it kept; never
# what they say of times.
#
#   scaling_test.sh SOURCE_FOLDER BINARY_FOLDER
set -euo pipefail
source=$(readlink -f "$1")
export UNDERSTUDY_PROGRAM=$2/bin/understudy OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}
if ! command -v mpirun >/dev/null || ! "$UNDERSTUDY_PROGRAM" list | grep -q '^ *mpi *yes' ||
  ! "$UNDERSTUDY_PROGRAM" list | grep -q '^ *petsc *yes'; then
  echo "left out: no MPI or no PETSc in this build"
  exit 77
fi
# has PATTERN FILE
has() { grep -q -- "$1" "$2" || fail "no '$1' in $2: $(cat "$2")"; }

run=$source/benchmarks/scaling/run model=$source/benchmarks/scaling/model
cp "$source/docs/scaling.md" "$work/page.md"
"$run" --quick --ranks 1 2 4 --only 2d inference --json "$work/numbers.json" --into "$work/page.md" \
  >"$work/tables" 2>"$work/said" || fail "run: $(cat "$work/said")"
for row in '2-D fft, strong | 1 | 128 x 128' '2-D multigrid, weak | 4 | 128 x 128' '2-D petsc, strong | 2' \
  'unet, blocks, strong | 2' 'fno, gathered, weak | 4'; do
  has "^| $row" "$work/tables"
  has "^| $row" "$work/page.md"
done
# One rank sends nothing; four have no time.
has '^| 2-D fft, strong | 1 | 128 x 128 | [0-9.e-]* | 0 | 0 | 0 | 0 |' "$work/tables"
has '^| 2-D fft, strong | 4 | 128 x 128 |  | [1-9]' "$work/tables"

"$model" "$work/numbers.json" --ranks 64 1000 --into "$work/page.md" >"$work/read"
for row in '2-D multigrid | [0-9]' '2-D fft, weak | 64 | 4096 x 4096' 'unet, blocks, strong | 1000' \
  'fno, gathered, weak | 1000'; do
  has "^| $row" "$work/read"
  has "^| $row" "$work/page.md"
done
has '^\*H200 node' "$work/read"
# A field of more than 2 GiB is not gathered, and what a rank has of a node's memory may be too little.
has '^| fno, gathered, weak | 1000 | 51200 x 81920 | | | | not possible: [0-9.]* GB in an all-to-all' "$work/read"
if grep '^| 2-D multigrid' "$work/read" | grep -q 'does not fit'; then fail "blocks of these sizes fit"; fi
sed 's/^memory_gb: .*/memory_gb: 0.04/' "$source/machines/a64fx_node.yaml" >"$work/small.yaml"
"$model" "$work/numbers.json" --ranks 64 --machine "$work/small.yaml" >"$work/read"
has '^| 2-D multigrid, weak | 64 .* | does not fit: a rank has 10 MB | ' "$work/read"

# What multigrid gathers where blocks are unlike: 6 and 7 cells along z are halved to 3 and 4 before 3 are too few.
PYTHONPATH=$source/benchmarks/scaling python3 -B - >"$work/said" 2>&1 <<'END' || fail "layout: $(cat "$work/said")"
from layout import Layout, split_of_ranks
assert split_of_ranks([256] * 3, 10000) == (10, 25, 40)
levels, gathered = Layout([256] * 3, (10, 25, 40), True).split_levels()
assert (len(levels), gathered) == (2, 128 * 128 * 136), (levels, gathered)
END

# What they refuse.
if "$model" "$work/none.json" >"$work/said" 2>&1; then fail "a file that is not there"; fi
has 'none.json' "$work/said"
python3 - "$work/numbers.json" >"$work/alone.json" <<'END'
import json, sys
result = json.load(open(sys.argv[1]))
for case in result["cases"]:
    case["rows"] = [row for row in case["rows"] if row["ranks"] == 1]
print(json.dumps(result))
END
if "$model" "$work/alone.json" >"$work/said" 2>&1; then fail "counts of one rank"; fi
has "alone.json: '2-D fft' is of one rank alone" "$work/said"
[ "$(wc -l <"$work/said")" = 1 ] || fail "more than a line: $(cat "$work/said")"
if "$run" --ranks 5 >"$work/said" 2>&1; then fail "five ranks"; fi
has "invalid choice: '\?5" "$work/said"  # in quotes, as Python 3.13 has it, or not
if "$model" "$work/numbers.json" --into "$source/README.md" >"$work/said" 2>&1; then fail "a page without marks"; fi
has 'has no lines <!-- filled from' "$work/said"
if UNDERSTUDY_PROGRAM=$work/none "$run" >"$work/said" 2>&1; then fail "no program"; fi
has 'is missing: ./quickstart build' "$work/said"
echo "passed"
