#!/usr/bin/env bash
# ./quickstart exec is transparent: arguments, exit code, standard streams, working folder, process id
# (hence signals) are the command's own. ./quickstart and ./understudy refuse what they do not know.
#
#   quickstart_test.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
quickstart=$1/quickstart
export UNDERSTUDY_EXECUTABLE=$2/bin/understudy
failures=0

# expect NAME WANTED GOT
expect() {
  if [[ $3 != "$2" ]]; then
    printf 'FAILED: %s: expected <%s>, got <%s>\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}

exit_code() {
  local code=0
  "$@" >/dev/null 2>&1 || code=$?
  echo "$code"
}

expect 'arguments' '[a b][][*][$x]["]' "$("$quickstart" exec printf '[%s]' 'a b' '' '*' '$x' '"')"
expect 'exit code' 37 "$(exit_code "$quickstart" exec bash -c 'exit 37')"
expect 'standard input' 'through' "$(echo through | "$quickstart" exec cat)"
expect 'standard output only' '' "$("$quickstart" exec true)"
expect 'standard error' 'oops' "$("$quickstart" exec bash -c 'echo oops >&2' 2>&1 >/dev/null)"

work=$(mktemp -d '/tmp/quickstart test.XXXXXX')   # with a space
trap 'rm -rf "$work"' EXIT
expect 'folder outside the project' "$work" "$(cd "$work" && "$quickstart" exec pwd)"
expect 'folder inside the project' "$(cd "$1/cmake" && pwd)" "$(cd "$1/cmake" && "$quickstart" exec pwd)"
expect 'file outside the project' 'there' \
  "$(echo there >"$work/a file" && "$quickstart" exec cat "$work/a file")"
expect 'a variable of the caller' '7' "$(UNDERSTUDY_TEST=7 "$quickstart" exec bash -c 'echo $UNDERSTUDY_TEST')"
expect 'threads wait passively' 'passive' "$(env -u OMP_WAIT_POLICY "$quickstart" exec bash -c 'echo $OMP_WAIT_POLICY')"
expect 'but not at once' '10000' "$(env -u GOMP_SPINCOUNT "$quickstart" exec bash -c 'echo $GOMP_SPINCOUNT')"
expect 'a variable already set' 'active' "$(OMP_WAIT_POLICY=active "$quickstart" exec bash -c 'echo $OMP_WAIT_POLICY')"

# SIGTERM reaches the command, whose process id is that of quickstart itself
"$quickstart" exec bash -c 'trap "echo caught >\"\$0\"; exit 9" TERM; echo $$ >"$1"; while :; do sleep 0.1; done' \
  "$work/caught" "$work/pid" &
process=$!
for _ in $(seq 100); do
  [[ -s $work/pid ]] && break
  sleep 0.1
done
kill -TERM "$process"
code=0
wait "$process" || code=$?
expect 'process id' "$process" "$(cat "$work/pid")"
expect 'SIGTERM' 'caught' "$(cat "$work/caught" 2>/dev/null)"
expect 'exit code after SIGTERM' 9 "$code"

expect 'MPI on two ranks, as root or not' '2' \
  "$("$quickstart" exec mpirun -n 2 bash -c 'echo rank' 2>/dev/null | grep -c rank)"

# A signal to a run on two ranks, to its whole process group as from a terminal: a checkpoint, and the
# exit code of one that the signal ended.
for signal in TERM:143 INT:130; do
  out=$work/cavity_${signal%:*}
  # bash starts what is in the background with SIGINT ignored
  setsid env --default-signal=INT "$1/understudy" -n 2 run "$1/inputs/flow/cavity.yaml" --out "$out" \
    --set time.end_s=100000 --set output.vtk=false >"$out.log" 2>&1 &
  process=$!
  for _ in $(seq 300); do
    [[ -e $out/diagnostics.csv && $(wc -l <"$out/diagnostics.csv") -gt 3 ]] && break
    sleep 0.1
  done
  kill -"${signal%:*}" -- -"$process"
  code=0
  wait "$process" || code=$?
  expect "exit code of ranks after SIG${signal%:*}" "${signal#*:}" "$code"
  expect "checkpoint of ranks after SIG${signal%:*}" yes \
    "$([[ -s $out/checkpoint.h5 ]] && echo yes || cat "$out.log")"
done

expect 'unknown verb' 2 "$(exit_code "$quickstart" bogus)"
expect 'unknown check' 2 "$(exit_code "$quickstart" check bogus)"
expect 'exec of nothing' 2 "$(exit_code "$quickstart" exec)"
expect 'unknown environment' 2 "$(UNDERSTUDY_ENV=bogus exit_code "$quickstart" env)"
expect 'a program that is none' 'understudy: UNDERSTUDY_EXECUTABLE is nowhere, which is no program' \
  "$(UNDERSTUDY_EXECUTABLE=nowhere "$1/understudy" list 2>&1 || true)"
expect 'ranks that are no number' 2 "$(exit_code "$1/understudy" -n two list)"

if ((failures > 0)); then exit 1; fi
echo "quickstart and understudy behave"
