#!/usr/bin/env bash
# Puts the report of the rules into the job's summary; ends with the status of `npm run policy`.
# usage: policy.sh
set -euo pipefail

status=0
report=$(npm run -s policy -- --markdown) || status=$?
printf '%s\n' "$report" | tee -a "$GITHUB_STEP_SUMMARY"
exit "$status"
