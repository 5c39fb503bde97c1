#!/usr/bin/env bash
# Refuses a program that is not the one that hand-over-promotion.sh gave out.
# usage: receive-promotion.sh PROGRAM SHA256
# Exit status: 0 the same, to the byte, 1 another.
set -euo pipefail
program=$1
sha256=$2
source "$(dirname "$0")/lib.sh"

actual=$(digest "$program")
[ "$actual" = "$sha256" ] || fail "the program has the checksum $actual, the job that compiled it gave \"$sha256\""
