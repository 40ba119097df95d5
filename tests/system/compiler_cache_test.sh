#!/usr/bin/env bash
# A compiler cache that is shared by machines of different processors hands out no code of another one:
# cmake/processor_key.cmake gives each processor a key, which is ccache's namespace in every command line.
#
#   compiler_cache_test.sh SOURCE_FOLDER BINARY_FOLDER
set -euo pipefail
source=$1
binary=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$binary/CMakeCache.txt")
key() { cmake -DCMAKE_CXX_COMPILER="$compiler" -DFLAG="$1" -P "$source/cmake/processor_key.cmake" 2>&1; }

native=$(key -march=native)
[[ $native =~ ^[0-9a-f]{12}$ ]] || fail "no key for -march=native: $native"
[[ $native == $(key -march=native) ]] || fail "two keys for one processor"
if [[ $(uname -m) == x86_64 ]]; then
  older=$(key -march=x86-64-v2)
  newer=$(key -march=x86-64-v3)
  [[ $older != "$newer" && $older != "$native" ]] || fail "one key for two processors: $older, $newer, $native"
fi

# Every file of ours that is compiled for this processor by way of ccache is under this key.
without=$(grep '"command":.*ccache.*-march=native' "$binary/compile_commands.json" |
  grep -vc "CCACHE_NAMESPACE=$native " || true)
((without == 0)) || fail "$without files with -march=native have no key of this processor"

# And ccache tells such keys apart.
if command -v ccache >/dev/null; then
  export CCACHE_DIR=$work/cache
  echo 'int twice(int x) { return 2 * x; }' >"$work/a.cpp"
  compile() { CCACHE_NAMESPACE=$1 ccache "$compiler" -march=native -c "$work/a.cpp" -o "$work/a.o"; }
  hits() { ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ {n += $2} END {print n + 0}'; }
  compile "$native"
  compile "$native"
  (($(hits) == 1)) || fail "the same processor's code should come from the cache"
  compile 0123456789ab
  (($(hits) == 1)) || fail "another processor's code came from the cache"
fi
echo "compiler cache: key of this processor $native"
