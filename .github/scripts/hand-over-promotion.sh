#!/usr/bin/env bash
# Puts the compiled program into a folder, for jobs that have a token and install nothing.
# usage: hand-over-promotion.sh PROGRAM FOLDER
# The output is sha256: receive-promotion.sh takes nothing else.
set -euo pipefail
program=$1
folder=$2
source "$(dirname "$0")/lib.sh"

npm run --silent compile
mkdir -p "$folder"
cp "$program" "$folder"
output sha256 "$(digest "$program")"
