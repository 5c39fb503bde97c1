#!/usr/bin/env bash
# Runs a program of ours that was bundled with packages from npm, on a file that holds secrets, beside tokens: as a user who
# owns nothing, without network, without environment variables, and without a view of other processes. What it prints is all
# that leaves it.
# usage: isolated.sh PROGRAM.js FILE ARGUMENT...
#   FILE  becomes the first argument, under its own name
# Exit status: the program's.
set -euo pipefail
program=$1
file=$2
shift 2

NOBODY=65534
# Not TMPDIR, which other users cannot enter.
place=$(mktemp -d /tmp/isolated-XXXXXXXX)
trap 'rm -rf "$place"' EXIT
chmod 711 "$place"
install -m 444 "$program" "$place/program.js"

root=()
if [ "$(id -u)" -ne 0 ]; then
  root=(sudo --non-interactive)
fi
"${root[@]}" install -m 400 -o "$NOBODY" "$file" "$place/$(basename "$file")"
status=0
"${root[@]}" unshare --net --ipc --pid --fork --kill-child --mount-proc -- \
  setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- \
  env --ignore-environment --chdir="$place" NO_COLOR=1 "$(command -v node)" program.js "$(basename "$file")" "$@" || status=$?
exit "$status"
