#!/usr/bin/env bash
# Examines a deployed environment and puts the report into the job's summary. Runs nothing from npm.
# usage: doctor.sh NAME DOCTOR.js EXPECTED.json
# Exit status: 0 healthy or findings, which are a warning; 1 broken.
set -euo pipefail
name=$1
program=$2
expected=$3
source "$(dirname "$0")/lib.sh"
assert_environment "$name"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
fenced node "$program" "$expected" --markdown "$work/report.md" || status=$?
[ ! -f "$work/report.md" ] || cat "$work/report.md" >>"$GITHUB_STEP_SUMMARY"
case $status in
  0) ;;
  2) annotate warning "$name" "the doctor has findings, or could not check everything (above, and in the summary)" ;;
  3) fail "the environment is broken (above, and in the summary)" ;;
  *) fail "the doctor ended with status $status" ;;
esac
