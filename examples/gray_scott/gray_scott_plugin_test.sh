#!/usr/bin/env bash
# The plugin in the program understudy computes what the example's own program computes, byte for byte: both are
# linked from the same objects. Its network and gate are there, too, and a deck may name it once it is accepted.
#
#   gray_scott_plugin_test.sh UNDERSTUDY PLUGIN PROGRAM DECK
set -euo pipefail
understudy=$1
plugin=$2
program=$3
deck=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export UNDERSTUDY_TRUSTED_PROGRAMS=$work/trusted
small=(--set 'grid.cells=[32,32]' --set time.end_s=200 --set swap.policy=never --set precision=double --set output.pictures=[])
hash=$(sha256sum "$plugin" | cut -d ' ' -f 1)

fail() {
  echo "FAILED: $*"
  exit 1
}

"$understudy" --plugin "$plugin" list >"$work/list" || fail "list"
for words in 'gray_scott *patterns' 'local *3 x 3 convolutions' 'apps: gray_scott; networks: local' 'shallow_water'; do
  grep -q "$words" "$work/list" || fail "no '$words' in the list: $(cat "$work/list")"
done

"$program" run "$deck" "${small[@]}" --out "$work/own" || fail "run of the example's program"
"$understudy" --plugin "$plugin" run "$deck" "${small[@]}" --out "$work/plugin" || fail "run"
cmp "$work/own/diagnostics.csv" "$work/plugin/diagnostics.csv" || fail "other numbers than those of the example's program"
grep -q "\"sha256\": *\"$hash\"" "$work/plugin/summary.json" || fail "the summary does not name the plugin"
"$understudy" run "$deck" "${small[@]}" "--plugin=$plugin" --out "$work/after" || fail "--plugin= after the verb"
cmp "$work/own/diagnostics.csv" "$work/after/diagnostics.csv" || fail "other numbers, with --plugin behind"
mpirun -n 2 "$understudy" --plugin "$plugin" run "$deck" "${small[@]}" --out "$work/two" || fail "two ranks"
[[ $(wc -l <"$work/two/diagnostics.csv") == $(wc -l <"$work/own/diagnostics.csv") ]] || fail "two ranks: other rows"

"$understudy" --plugin "$plugin" check "$deck" --set network.kind=local >"$work/resolved.yaml" || fail "check of its network"
"$understudy" --plugin "$plugin" check "$deck" --set 'swap.gate.use=[balanse]' 2>"$work/error" && fail "a gate that does not exist passed"
grep -q 'disagreement, balance' "$work/error" || fail "the gates are not named: $(cat "$work/error")"

# Without it, the app is unknown, and the way to it is said.
"$understudy" check "$deck" 2>"$work/error" && fail "an app that is not loaded passed"
grep -q -- '--plugin FILE' "$work/error" || fail "no hint at --plugin: $(cat "$work/error")"

# Named by the deck, from the deck's folder on: only once its user has accepted it.
mkdir "$work/decks"
cp "$plugin" "$work/decks/libmine.so"
{ cat "$deck"; echo 'plugins: [libmine.so]'; } >"$work/decks/mine.yaml"
"$understudy" run "$work/decks/mine.yaml" "${small[@]}" --out "$work/stranger" 2>"$work/error" && fail "a deck's plugin ran unasked"
grep -q 'import --trust' "$work/error" || fail "not how it is accepted: $(cat "$work/error")"
[[ ! -e $work/stranger ]] || fail "a refused deck left a folder"
"$understudy" --plugin "$plugin" check "$work/decks/mine.yaml" >"$work/resolved.yaml" || fail "the same plugin, asked for"
"$understudy" import --trust "$work/decks/libmine.so" || fail "import --trust"
grep -q "^$hash" "$work/trusted" || fail "not on the list"
"$understudy" run "$work/decks/mine.yaml" "${small[@]}" --out "$work/deck" || fail "run of a deck with its plugin"
cmp "$work/own/diagnostics.csv" "$work/deck/diagnostics.csv" || fail "other numbers, with the deck's plugin"
"$understudy" check "$work/decks/mine.yaml" >"$work/decks/resolved.yaml" || fail "check"
grep -q '^plugins: \["libmine.so"\]' "$work/decks/resolved.yaml" || fail "the resolved deck does not name the plugin"
"$understudy" check "$work/decks/resolved.yaml" >"$work/again.yaml" || fail "the resolved deck is not taken"
echo x >>"$work/decks/libmine.so"
"$understudy" check "$work/decks/mine.yaml" 2>"$work/error" && fail "another file of that name ran unasked"

# The example's own program has its app, and takes no plugins.
"$program" --plugin "$plugin" list 2>"$work/error" && fail "a program without exports took a plugin"
grep -q 'takes no plugins' "$work/error" || fail "not why: $(cat "$work/error")"
echo "gray_scott: the same as a plugin"
