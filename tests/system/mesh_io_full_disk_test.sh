#!/usr/bin/env bash
# Checkpoints and the VTK series on a file system that is really full: a 1 MB tmpfs, mounted where only
# this script's processes see it. Needs the right to mount (root); elsewhere unit.mesh_io_full_disk_mpi
# plays the full disk by a limit on the size of files.
set -euo pipefail
build=$2
test=$build/tests/test_unit_mesh
[[ -x $test ]] || { echo "$test is not built" >&2; exit 1; }

# In a private root "/" is no mount point, and its mounts are private to it already.
if unshare --mount true 2>/dev/null; then
  private=(unshare --mount)
elif unshare --mount --propagation unchanged true 2>/dev/null; then
  private=(unshare --mount --propagation unchanged)
else
  echo "skipped: no right to mount a small file system"
  exit 0
fi

folder=$(mktemp -d)
log=$(mktemp)
trap 'rmdir "$folder"; rm -f "$log"' EXIT
export UNDERSTUDY_TEST_FULL_FOLDER=$folder
for ranks in 1 2 4; do
  "${private[@]}" bash -euc 'mount -t tmpfs -o size=1m tmpfs "$UNDERSTUDY_TEST_FULL_FOLDER"; "$@"' - \
    mpirun --allow-run-as-root --oversubscribe --mca btl self,sm -n "$ranks" "$test" \
    --gtest_color=no --gtest_filter=FullDisk.OnAFullFileSystem >"$log" 2>&1 || { cat "$log"; exit 1; }
  grep 'PASSED.*1 test' "$log" || { cat "$log"; exit 1; }
done
