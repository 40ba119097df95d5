#!/usr/bin/env bash
# eos_test.sh EXAMPLE UNDERSTUDY DECK: collects, trains, and runs gated; the example checks itself.
set -euo pipefail
example=$1 understudy=$2 deck=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$example" collect "$work/points"
"$understudy" train "$deck" --set points.dataset="$work/points" --out "$work/out" --log-level warn
"$example" gate "$work/out/model" "$work/rejected"
# what the gate rejected is a dataset to train on
ls "$work"/rejected/*.h5 >/dev/null
