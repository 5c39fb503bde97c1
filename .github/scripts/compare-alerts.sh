#!/usr/bin/env bash
# Says which alerts a change adds, drops or moves, by replaying recorded data through both versions.
# usage: compare-alerts.sh BASE HEAD DATA FOLDER
#   BASE, HEAD  folders of the repository with their packages installed
#   DATA        recorded measurements
# Writes FOLDER/alerts.md where something changes, and appends it to the job's summary. Exit status: 0, also where it cannot
# be told, which is a warning: a review does not wait for it.
set -euo pipefail
base=$1
head=$2
data=$3
folder=$4
source "$(dirname "$0")/lib.sh"

mkdir -p "$folder"
report=$folder/alerts.md
status=0
fenced npm run -s rehearse -- compare "$base" "$head" --data "$data" --markdown --limit 20000 \
  --out "$report" || status=$?
case $status in
  0) rm -f "$report" ;;
  2) cat "$report" >>"$GITHUB_STEP_SUMMARY" ;;
  *)
    rm -f "$report"
    annotate warning "Alerts were not compared" "The two versions could not be replayed (status $status); the log says why."
    ;;
esac
