#!/usr/bin/env bash
# One component of a coupled program collects points, a model is trained on them, and the component runs gated
# with it, on 2 and on 4 ranks; the programs check themselves.
#
#   coupled_test.sh UNDERSTUDY DECK PROGRAM... -- MPIEXEC NUMPROC_FLAG [PREFLAG...]
set -euo pipefail
understudy=$1 deck=$2
shift 2
programs=()
while [[ $1 != -- ]]; do
  programs+=("$1")
  shift
done
mpiexec=$2 ranks_flag=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# on RANKS PROGRAM ARGUMENT...
on() {
  local ranks=$1 code=0
  shift
  timeout -k 10 200 "$mpiexec" "$ranks_flag" "$ranks" "${preflags[@]}" "$@" </dev/null || code=$?
  ((code != 124)) || echo "coupled_test.sh: on $ranks ranks somebody is still waited for: $*" >&2
  return "$code"
}
preflags=("$@")

# Two in the group of the odd ranks of 4, one in that of 2: three files a program.
for program in "${programs[@]}"; do
  for ranks in 2 4; do on "$ranks" "$program" collect "$work/points"; done
done
files=$(find "$work/points" -name '*.h5' | wc -l)
if ((files != 3 * ${#programs[@]})); then
  echo "coupled_test.sh: $files files of points from ${#programs[@]} programs" >&2
  exit 1
fi

"$understudy" train "$deck" --set points.dataset="$work/points" --set network.width=24 \
  --set training.members=2 --set training.epochs=30 --set training.batch=64 --out "$work/out" \
  --log-level warn
for program in "${programs[@]}"; do
  for ranks in 2 4; do on "$ranks" "$program" gate "$work/out/model"; done
done

for ranks in 2 4; do on "$ranks" "${programs[0]}" refused; done
echo "coupled_test.sh: ${#programs[@]} programs on 2 and 4 ranks"
