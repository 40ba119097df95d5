#!/usr/bin/env bash
# field_swap_test.sh EXAMPLE: the example checks itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work/dataset"
