# shellcheck shell=bash disable=SC2034
# Sourced by the scripts of tests/cluster: cases are functions case_NAME that call `fail` when something is not so.
#
#   require_program FILE          exit code 2 where it is not built
#   begin_cases                   the scratch folder, $work
#   run_cases NAME... -- CHOSEN...   runs those chosen, or all; exit code 1 if one fails

require_program() {
  if [[ ! -x $1 ]]; then
    echo "no program $1: ./quickstart build, or name the folder of another build" >&2
    exit 2
  fi
}

begin_cases() {
  work=${UNDERSTUDY_CLUSTER_SCRATCH:?tests/cluster/with_packages sets it}
}

say() { echo "  $*"; }

fail() {
  echo "  FAILED: $*"
  exit 1
}

# A number of summary.json.
number() { sed -n "s/.*\"$1\": *\([-+.e0-9]*\).*/\1/p" "$2" | sed -n 1p; }

# same_files FOLDER FOLDER FILE...
same_files() {
  local file
  for file in "${@:3}"; do
    cmp "$1/$file" "$2/$file" || fail "$file differs"
  done
}

run_cases() {
  local -a names=() chosen
  local name passed=0 failed=0 status
  while [[ $1 != -- ]]; do
    names+=("$1")
    shift
  done
  shift
  chosen=("$@")
  if (($# == 0)); then chosen=("${names[@]}"); fi
  for name in "${chosen[@]}"; do
    if [[ " ${names[*]} " != *" $name "* ]]; then
      echo "no case '$name': there are ${names[*]}" >&2
      exit 2
    fi
  done
  for name in "${chosen[@]}"; do
    echo "$name"
    set +e
    (set -e; "case_$name")
    status=$?
    set -e
    if ((status == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  echo "$passed passed, $failed failed"
  ((failed == 0)) || exit 1
}
