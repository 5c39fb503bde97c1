#!/usr/bin/env bash
# Keeps one open issue for every environment that differs from what is on main, and closes it when the difference is gone.
# usage: drift-issues.sh FOLDER
#   FOLDER  holds NAME.md and NAME.changes for every environment that was planned
set -euo pipefail
folder=$1

run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# Prints the number of the open issue with this title; nothing where there is none.
issue_of() {
  local numbers
  numbers=$(TITLE=$1 gh api --paginate "repos/$GITHUB_REPOSITORY/issues?state=open&creator=github-actions%5Bbot%5D&per_page=100" \
    --jq '.[] | select(.pull_request == null and .title == env.TITLE) | .number')
  echo "${numbers%%$'\n'*}"
}

for file in "$folder"/*.changes; do
  [ -e "$file" ] || continue
  name=$(basename "$file" .changes)
  title="Drift in $name"
  issue=$(issue_of "$title")
  if [ "$(cat "$file")" = true ]; then
    {
      printf 'A plan of **%s** from main is not empty ([run](%s)): ' "$name" "$run"
      printf 'something was changed outside Terraform, or what is on main has not been applied yet.\n\n'
      cat "$folder/$name.md"
    } >"$body"
    if [ -n "$issue" ]; then
      gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/$issue" --field "body=@$body"
      echo "$name: issue $issue updated"
    else
      gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues" --raw-field "title=$title" --field "body=@$body"
      echo "$name: issue opened"
    fi
  elif [ -n "$issue" ]; then
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$issue/comments" \
      --raw-field "body=The drift is gone: a plan of main is empty ([run]($run))."
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/$issue" --raw-field state=closed
    echo "$name: issue $issue closed"
  else
    echo "$name: no drift"
  fi
done
