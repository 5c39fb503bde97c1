#!/usr/bin/env bash
# Refuses environments whose GitHub environments are not protected as docs/pipelines.md says.
# usage: protection.sh PIPELINES.js NAMES
# Needs GH_TOKEN with the permission actions: read. Exit status: 0 protected, 1 not, or not to be found out.
set -euo pipefail
program=$1
names=$2
source "$(dirname "$0")/lib.sh"

fenced node "$program" check --pipeline "$names" ||
  fail "GitHub environments are not protected as they must be (above); nothing was planned or applied"
