#!/usr/bin/env bash
# Puts the report of the rules into the job's summary; ends with the status of `npm run policy`.
# usage: policy.sh
set -euo pipefail
source "$(dirname "$0")/lib.sh"

status=0
report=$(npm run -s policy -- --markdown) || status=$?
printf '%s\n' "$report" >>"$GITHUB_STEP_SUMMARY"
fenced printf '%s\n' "$report"
exit "$status"
