#!/usr/bin/env bash
# cmake/check_tidy finds a use after move in what changed, past GCC's precompiled header, and no more than
# the time it has; cmake/coverage counts a line of a header once, and one that no test reached as such.
#
#   checks_test.sh SOURCE_FOLDER
set -euo pipefail
source=$1
failures=0

# expect NAME PATTERN TEXT
expect() {
  if [[ $3 != *$2* ]]; then
    printf 'FAILED: %s: expected <%s> in:\n%s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/cmake" "$work/core" "$work/build"
cp "$source/cmake/check_tidy" "$source/cmake/coverage" "$work/cmake/"
cp "$source/.clang-tidy" "$work/"
cd "$work"
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x

cat >core/small.hpp <<'EOF'
#pragma once
inline int f(int x) {
  if (x > 2)
    return 3;
  return 0;
}
EOF
cat >core/a.cpp <<'EOF'
#include "core/small.hpp"
int main() {
  return f(1);
}
EOF
cat >core/b.cpp <<'EOF'
#include "core/small.hpp"
int h() {
  return f(4);
}
EOF
git init -q -b main . && git add core && git commit -qm 'first'

# clang-tidy
for name in a b moved; do
  echo "{\"directory\": \"$work/build\", \"file\": \"$work/core/$name.cpp\", \"command\":" \
    "\"/usr/bin/ccache c++ -std=c++20 -I$work -Winvalid-pch -include $work/build/cmake_pch.hxx -c $work/core/$name.cpp\"}"
done | paste -sd, | sed 's/^/[/;s/$/]/' >build/compile_commands.json
echo '#error only GCC can read this' >build/cmake_pch.hxx
expect 'nothing to compare with' 'no earlier commit' "$(cmake/check_tidy)"
git checkout -qb branch
expect 'a file without a fault' '1 files, 0 warnings, 0 with errors' "$(cmake/check_tidy core/a.cpp)"
cat >core/moved.cpp <<'EOF'
#include <string>
#include <utility>
std::size_t moved(std::string text) {
  const std::string other = std::move(text);
  return text.size() + other.size();
}
EOF
git add core && git commit -qm 'second'
code=0
text=$(cmake/check_tidy 2>&1) || code=$?
expect 'a use after move' 'bugprone-use-after-move' "$text"
expect 'only what changed' '1 files' "$text"
expect 'exit code' 1 "$code"
expect 'no time' 'no time for 1: core/a.cpp' "$(cmake/check_tidy --minutes 1e-9 core/a.cpp)"
expect 'a file that is not built' 'does not compile core/c.cpp' "$(cmake/check_tidy core/c.cpp)"

# coverage
mkdir counted
for name in a b; do
  c++ -O0 --coverage -I. -c core/$name.cpp -o counted/$name.cpp.o
done
c++ --coverage counted/a.cpp.o counted/b.cpp.o -o counted/program
counted/program
expect 'a line a file' '| core | 3 | 8 | 62.5% | `core/b.cpp` 0%, `core/small.hpp` 75%, `core/a.cpp` 100% |' \
  "$(cmake/coverage counted)"
mkdir empty
code=0
text=$(cmake/coverage empty 2>&1) || code=$?
expect 'no counts' 'no counts in empty' "$text"
expect 'exit code without counts' 1 "$code"

if ((failures > 0)); then exit 1; fi
echo "check_tidy and coverage behave"
