#!/usr/bin/env bash
# Installs this build into a temporary folder, builds a program of another project against it through
# find_package(Understudy), and runs it.
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Whose libraries have sanitizers in them needs them, too.
sanitize=$(sed -n 's/^UNDERSTUDY_SANITIZE:STRING=\(..*\)/-fsanitize=\1/p' "$build/CMakeCache.txt")
cmake --install "$build" --prefix "$work/installed" >"$work/install.log"
cmake -S "$source/tests/package" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_FLAGS="$sanitize" -DCMAKE_C_FLAGS="$sanitize" -DCMAKE_Fortran_FLAGS="$sanitize" \
  -DCMAKE_PREFIX_PATH="$work/installed" >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
cmake --build "$work/build" >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; exit 1; }
"$work/build/uses_understudy"
if [[ -x $work/build/uses_sub_model ]]; then
  "$work/build/uses_sub_model" "$work/points"
  "$work/build/uses_sub_model_c"
  "$work/build/uses_stepper"
fi
if [[ -x $work/build/uses_sub_model_fortran ]]; then
  "$work/build/uses_sub_model_fortran"
  # Without a status an error ends the program, and says why.
  if "$work/build/uses_sub_model_fortran" stop >"$work/stop.log" 2>&1; then
    echo "package_test: a physics that fails did not end the program" >&2
    exit 1
  fi
  grep -q 'understudy: the physics returned 7' "$work/stop.log" || { cat "$work/stop.log"; exit 1; }
fi
