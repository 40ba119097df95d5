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
# The plugin of examples/, as a project outside writes it.
mkdir -p "$work/outside/examples"
cp -r "$source/examples/gray_scott" "$work/outside/examples/gray_scott"
sed -i -E 's@#include "((core|mesh|solvers|surrogates|pinn|apps)/[^"]+)"@#include <understudy/\1>@' \
  "$work/outside/examples/gray_scott/"*.?pp
cmake -S "$source/tests/package" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_FLAGS="$sanitize" -DCMAKE_C_FLAGS="$sanitize" -DCMAKE_Fortran_FLAGS="$sanitize" \
  -DCMAKE_PREFIX_PATH="$work/installed" -DGRAY_SCOTT="$work/outside" >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
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
if [[ -x $work/installed/bin/understudy ]]; then
  plugin=$work/build/libgray_scott.so
  # Linked to nothing of ours, nor to a second Kokkos or LibTorch: those of the program serve it.
  if objdump -p "$plugin" | grep -E 'NEEDED.*(kokkos|torch|c10|mpi|understudy)'; then
    echo "package_test: the plugin brings libraries that the program has" >&2
    exit 1
  fi
  # Compiled as the rooms are; nothing else of that project is.
  grep -q 'FLAGS = .*-fno-trapping-math' "$work/build/build.ninja" || {
    echo "package_test: the plugin is compiled without the rooms' options" >&2
    exit 1
  }
  # Where no build type is chosen plugins are optimised, too.
  cmake -S "$source/tests/package" -B "$work/plain" -G Ninja -DCMAKE_BUILD_TYPE= \
    -DCMAKE_CXX_FLAGS="$sanitize" -DCMAKE_C_FLAGS="$sanitize" -DCMAKE_Fortran_FLAGS="$sanitize" \
    -DCMAKE_PREFIX_PATH="$work/installed" -DGRAY_SCOTT="$work/outside" >"$work/plain.log" 2>&1 || { cat "$work/plain.log"; exit 1; }
  grep -q 'FLAGS = .*-O3' "$work/plain/build.ninja" || {
    echo "package_test: without a build type the plugin is not optimised" >&2
    exit 1
  }
  # The package was found elsewhere than where a plugin is added.
  mkdir -p "$work/above/below"
  printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(Above LANGUAGES C CXX)' 'add_subdirectory(below)' \
    'understudy_add_plugin(mine mine.cpp)' >"$work/above/CMakeLists.txt"
  echo 'find_package(Understudy REQUIRED)' >"$work/above/below/CMakeLists.txt"
  if cmake -S "$work/above" -B "$work/above/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" \
    >"$work/above.log" 2>&1; then
    echo "package_test: a plugin without the package was taken" >&2
    exit 1
  fi
  grep -q 'there is no target Understudy::pinn' "$work/above.log" || { cat "$work/above.log"; exit 1; }
  export UNDERSTUDY_TRUSTED_PROGRAMS=$work/trusted
  "$work/installed/bin/understudy" --plugin "$plugin" list >"$work/list.log"
  grep -q 'apps: gray_scott; networks: local' "$work/list.log" || { cat "$work/list.log"; exit 1; }
  small=(--set 'grid.cells=[32,32]' --set time.end_s=200 --set ensemble.repeats=3 --set 'ensemble.validation=[1]'
    --set 'ensemble.test=[2]' --set ensemble.windows=6 --set network.kind=local --set network.width=4 --set network.layers=3
    --set training.epochs=1 --set training.rollout_windows=3 --set 'training.unroll=[1]'
    --set 'training.unroll_fractions=[]' --set compare.windows=3 --set compare.repeats=1)
  "$work/installed/bin/understudy" --plugin "$plugin" study "$source/examples/gray_scott/gray_scott.yaml" "${small[@]}" \
    --out "$work/study" >"$work/study.log" 2>&1 || { tail -n 40 "$work/study.log"; exit 1; }
  grep -q 'kind: local' "$work/study/model/card.yaml"
fi
