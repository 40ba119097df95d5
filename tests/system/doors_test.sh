#!/usr/bin/env bash
# What a stranger meets first is there and true: the licence and its identifier, the version that is cited,
# links between the documents, and the files that CONTRIBUTING says to open first.
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

((failures == 0)) || exit 1
echo "doors_test: version $version, ${#files[@]} files to open first, all links lead somewhere"
