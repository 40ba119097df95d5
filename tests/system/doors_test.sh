#!/usr/bin/env bash
# What a stranger meets first is there and true: the licence and its identifier, the version that is cited,
# links between the documents, the files that CONTRIBUTING says to open first, and those that documents and
# comments name.
#
#   doors_test.sh SOURCE_FOLDER
set -euo pipefail
cd "$1"
failures=0

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

[[ $(head -n 1 LICENSE) == 'SPDX-License-Identifier: Apache-2.0' ]] || fail "LICENSE: no identifier"
grep -qx 'license: Apache-2.0' CITATION.cff || fail "CITATION.cff: another licence"

version=$(sed -n 's/^project(Understudy VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
cited=$(sed -n 's/^version: *//p' CITATION.cff)
[[ -n $version && $version == "$cited" ]] ||
  fail "CITATION.cff: version <$cited>, CMakeLists.txt: <$version>"

# Links of the form [text](path#part), from the folder of the document.
while IFS=: read -r document link; do
  target=${link%%#*}
  [[ -z $target || $target == *://* || $target == *" "* ]] ||   # with a space: a lambda
    [[ -e $(dirname "$document")/$target ]] || fail "$document: no file $target"
done < <(grep -roH --include='*.md' '](\([^)]*\))' README.md docs .github | sed 's/\](\(.*\))$/\1/')

# `path` in the table of files to open first.
mapfile -t files < <(sed -n '/^## Files to open first/,/^## Where/p' docs/CONTRIBUTING.md |
  grep '^|' | cut -d'|' -f2 | grep -o '`[^`]*`' | tr -d '`')
((${#files[@]} > 5)) || fail "docs/CONTRIBUTING.md: the table of files to open first is gone"
for file in "${files[@]}"; do
  [[ -f $file ]] || fail "docs/CONTRIBUTING.md: no file $file"
done

# Files by name: `mesh/grid.hpp` or `grid.hpp` in a document (not in the changelog, which tells of what was),
# the same in a source's comment. From the root, or a file of that name anywhere; * matches something.
names_in_documents() {
  grep -roH --include='*.md' --exclude=CHANGELOG.md '`[^` ]*`' README.md docs examples .github | tr -d '`' |
    grep -E ':([A-Za-z0-9_./*-]+\.(hpp|cpp|f90|sh|cmake|py)|(core|mesh|solvers|surrogates|pinn|apps|tests|benchmarks|cmake|docs|examples|inputs)/[A-Za-z0-9_./*-]*)$'
}

names_in_comments() {
  grep -rEoH --include='*.hpp' --include='*.cpp' '//.*' core mesh solvers surrogates pinn apps tests benchmarks examples |
    awk '{ file = $0; sub(/:.*/, "", file)
           while (match($0, /[A-Za-z0-9_.\/*-]*[A-Za-z0-9_*]\.(hpp|cpp)/)) {
             print file ":" substr($0, RSTART, RLENGTH)
             $0 = substr($0, RSTART + RLENGTH) } }' |
    awk -F: '$2 != $1 && $2 !~ /[A-Z]/'   # capitals stand for any name
}

while IFS=: read -r document name; do
  fail "$document: no file $name"
done < <({ names_in_documents; names_in_comments; } | sort -u | awk -F: '
  function is_there(name,    pattern, path) {
    sub(/\/$/, "", name)
    if (name in paths || name in bases || ("surrogates/interface/" name) in paths) return 1
    if (name !~ /\*/) return 0
    pattern = name
    gsub(/\./, "\\.", pattern)
    gsub(/\*/, "[^/]*", pattern)
    for (path in paths) if (path ~ ("^" (name ~ /\// ? "" : "(.*/)?") pattern "$")) return 1
    return 0
  }
  NR == FNR { paths[$0]; sub(/.*\//, ""); bases[$0]; next }
  !is_there($2)' <(find . \( -name .git -o -path './build*' \) -prune -o -printf '%P\n') -)

((failures == 0)) || exit 1
echo "doors_test: version $version, ${#files[@]} files to open first, all links lead somewhere, all named files are there"
