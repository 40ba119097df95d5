#!/usr/bin/env bash
# The tutorial's commands, decks and snippets, page after page as a reader would go (tutorial/pages.py); then
# whether docs/outputs.md names every file that they left. Left out, with a word, where something that the
# pages use is not there.
#
#   tutorial_test.sh SOURCE_FOLDER BINARY_FOLDER [PAGE...]     pages without .md, in the tutorial's order
set -euo pipefail
source=$1
build=$2
shift 2
readonly left_out=77   # what ctest takes for "not run"

if ! python3 -c 'import h5py, numpy' 2>/dev/null; then
  echo "left out: python3-h5py is not installed"
  exit "$left_out"
fi
for program in bin/understudy examples/example_gray_scott examples/example_field_swap examples/example_damped_wave; do
  if [[ ! -x $build/$program ]]; then
    echo "left out: this build has no $program"
    exit "$left_out"
  fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONPATH=$source/python PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=$work MPLBACKEND=Agg
export UNDERSTUDY_PROGRAM=$build/bin/understudy OMP_NUM_THREADS=1
python3 "$source/tests/system/tutorial/pages.py" "$source" "$build" "$work" "$@"
