#!/usr/bin/env bash
# Reviews a change by the two trees of synthesized stacks, without state and without credentials.
# usage: review-synth.sh BASE HEAD FOLDER
# Writes FOLDER/synth.md and appends it to the job's summary. Exit status: 0 reviewed, 1 not.
set -euo pipefail
base=$1
head=$2
folder=$3
source "$(dirname "$0")/lib.sh"

mkdir -p "$folder"
status=0
fenced npm run -s review -- --synth "$base" "$head" --title "Without state" --limit 60000 \
  --out "$folder/synth.md" || status=$?
case $status in
  0 | 2) ;;
  3) annotate warning "Dangerous changes" "Something that holds data or identities would be deleted or replaced. Read the review in the summary." ;;
  *) fail "the two syntheses could not be reviewed (status $status)" ;;
esac
cat "$folder/synth.md" >>"$GITHUB_STEP_SUMMARY"
