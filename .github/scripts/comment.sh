#!/usr/bin/env bash
# Writes the reviews as one comment of a pull request, the same one every time.
# usage: comment.sh PULL_REQUEST FOLDER PLANS
#   FOLDER  holds synth.md, NAME.md for every environment that was planned, and alerts.md where alerts change
#   PLANS   how the plan jobs ended, as GitHub says it: success, failure, skipped, cancelled
set -euo pipefail
number=$1
folder=$2
plans=$3

marker='<!-- plan-review -->'
# GitHub takes 65,536 characters; the rest is for what stands around the reviews.
limit=64000
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
body=$(mktemp)
trap 'rm -f "$body"' EXIT

size() {
  LC_ALL=C.UTF-8 wc -m | tr -d ' '
}

{
  echo "$marker"
  if [ "$plans" = failure ]; then
    printf '> [!WARNING]\n> Not every environment could be planned; [the run](%s) says why.\n\n' "$run"
  fi
} >"$body"

total=0
append() {
  local name=$1 length
  length=$(size <"$folder/$name.md")
  if [ $((total + length)) -le "$limit" ]; then
    total=$((total + length))
    cat "$folder/$name.md"
    printf '\n'
  else
    printf 'The review %s is too long to stand here as well; it is in the summary of [the run](%s).\n\n' "$name" "$run"
  fi >>"$body"
}

# Plans know more than a comparison of syntheses, so they come first.
for file in "$folder"/*.md; do
  name=$(basename "$file" .md)
  if [ "$name" != synth ] && [ "$name" != alerts ]; then
    append "$name"
  fi
done
append synth
if [ -e "$folder/alerts.md" ]; then
  append alerts
fi

comments=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" \
  --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$marker\"))) | .id")
comment=${comments%%$'\n'*}
if [ -n "$comment" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --field "body=@$body"
  echo "comment $comment updated"
else
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --field "body=@$body"
  echo "comment created"
fi
