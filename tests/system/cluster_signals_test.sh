#!/usr/bin/env bash
# tests/cluster/with_packages, ended by a signal at any moment: it says so by its exit code, no process of it goes on,
# and nothing is left behind. Without packages, so that no archive is asked.
#
#   cluster_signals_test.sh SOURCE_FOLDER [BINARY_FOLDER]
set -euo pipefail
source=$(readlink -f "$1")
work=$(mktemp -d /tmp/cluster_signals.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT  # and nothing of a mount that was left behind
export UNDERSTUDY_CLUSTER_FOLDER=$work/folder
mkdir "$UNDERSTUDY_CLUSTER_FOLDER"
enter=$source/tests/cluster/with_packages

fail() {
  echo "FAILED: $*"
  exit 1
}
left_behind() { ls -A "$UNDERSTUDY_CLUSTER_FOLDER"; }

code=0
UNDERSTUDY_CLUSTER_FOLDER=$work/none "$enter" -- true >"$work/log" 2>&1 || code=$?
((code == 2)) || fail "exit code $code instead of 2 of a folder that is not there: $(tail -n 5 "$work/log")"
grep -q "UNDERSTUDY_CLUSTER_FOLDER: '$work/none' is no folder to write into" "$work/log" ||
  fail "the folder that is not there is not named: $(tail -n 5 "$work/log")"

code=0
begun=$(date +%s%N)
"$enter" -- bash -c 'touch "$UNDERSTUDY_CLUSTER_SCRATCH/file"; exit 7' >"$work/log" 2>&1 || code=$?
if ((code == 2)); then
  echo "left out: $(tail -n 2 "$work/log")"
  exit 77
fi
((code == 7)) || fail "exit code $code instead of the command's 7: $(tail -n 5 "$work/log")"
[[ -z $(left_behind) ]] || fail "left behind after the command's end: $(left_behind)"

took=$((($(date +%s%N) - begun) / 1000000))  # ms

mark=$work/alive
# Many that fill the scratch folder, and one that shows whether it lives.
busy='for n in {1..20}; do while :; do : >"$UNDERSTUDY_CLUSTER_SCRATCH/$RANDOM.$n"; done & done
  while :; do date >>"$0"; sleep 0.05; done'
n=0
for signal in TERM:143 HUP:129; do
  for tenths in 0 1 2 3 4 5 6 7 8 9 10 12 begun; do
    # $work lies in /tmp, which is the machine's in there: a command that goes on would go on writing there.
    "$enter" -- bash -c "$busy" "$mark.$n" >"$work/log" 2>&1 &
    process=$!
    if [[ $tenths == begun ]]; then
      when="after the command had begun"
      until [[ -e $mark.$n ]]; do
        kill -0 "$process" 2>/dev/null ||
          fail "it ended by itself before the command had begun: $(tail -n 5 "$work/log")"
        sleep 0.05
      done
    else
      when="after $tenths tenths of $took ms"
      sleep "$(printf '%d.%03d' $((took * tenths / 10000)) $((took * tenths / 10 % 1000)))"
    fi
    kill "-${signal%:*}" "$process" 2>/dev/null || fail "it ended by itself: $(tail -n 5 "$work/log")"
    code=0
    wait "$process" 2>/dev/null || code=$?
    ((code == ${signal#*:})) ||
      fail "SIG${signal%:*} $when: exit code $code: $(tail -n 5 "$work/log")"
    size=$(stat -c %s "$mark.$n" 2>/dev/null || echo 0)
    sleep 0.2
    [[ $(stat -c %s "$mark.$n" 2>/dev/null || echo 0) == "$size" ]] ||
      fail "SIG${signal%:*} $when: the command goes on"
    [[ -z $(left_behind) ]] || fail "SIG${signal%:*} $when: left behind: $(left_behind)"
    n=$((n + 1))
  done
done
