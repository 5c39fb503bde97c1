#!/usr/bin/env bash
# Reviews a change by the two trees of synthesized stacks, without state and without credentials.
# usage: review-synth.sh BASE HEAD FOLDER
# Writes FOLDER/synth.md and appends it to the job's summary. Exit status: 0 reviewed, 1 not.
set -euo pipefail
base=$1
head=$2
folder=$3

mkdir -p "$folder"
status=0
npm run -s review -- --synth "$base" "$head" --title "Without state" --limit 60000 \
  --out "$folder/synth.md" || status=$?
case $status in
  0 | 2) ;;
  3) echo "::warning title=Dangerous changes::Something that holds data or identities would be deleted or replaced. Read the review in the summary." ;;
  *)
    echo "::error::the two syntheses could not be reviewed (status $status)"
    exit 1
    ;;
esac
cat "$folder/synth.md" >>"$GITHUB_STEP_SUMMARY"
