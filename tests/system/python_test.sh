#!/usr/bin/env bash
# The Python package (python/) on files that the built program makes, the examples of docs/python.md, and
# `python -m understudy`. Left out, with a word, where Python's h5py or the program is not there.
#
#   python_test.sh SOURCE_FOLDER BINARY_FOLDER [TEST...]     tests as unittest names them (test_outputs.Flow)
set -euo pipefail
source=$1
build=$2
program=$build/bin/understudy
shift 2
readonly left_out=77   # what ctest takes for "not run"

if ! python3 -c 'import h5py, numpy' 2>/dev/null; then
  echo "left out: python3-h5py is not installed"
  exit "$left_out"
fi
if [[ ! -x $program ]]; then
  echo "left out: this build has no program ($program)"
  exit "$left_out"
fi
export UNDERSTUDY_PROGRAM=$program PYTHONPATH=$source/python PYTHONDONTWRITEBYTECODE=1
export UNDERSTUDY_MYPY_CACHE=$build/mypy_cache   # from an empty one mypy takes ten seconds
export OMP_NUM_THREADS=1 MPLCONFIGDIR=${TMPDIR:-/tmp}
cd "$source/tests/system/python"
if (($# > 0)); then exec python3 -m unittest -v "$@"; fi
exec python3 -m unittest -v
