#!/usr/bin/env bash
# Initializes the folder of a stack. Where the repository holds a lock file for it, exactly those providers are taken.
# usage: init.sh STACK_FOLDER LOCK_FILE
set -euo pipefail
stack=$1
lock=$2
source "$(dirname "$0")/lib.sh"

arguments=(-input=false -no-color)
if [ -f "$lock" ]; then
  cp "$lock" "$stack/.terraform.lock.hcl"
  arguments+=(-lockfile=readonly)
fi
fenced terraform -chdir="$stack" init "${arguments[@]}"
