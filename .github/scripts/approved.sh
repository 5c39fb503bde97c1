#!/usr/bin/env bash
# Refuses to go on where nobody approved this run for a GitHub environment: one without required reviewers lets jobs start
# unasked, which is what GitHub gives to private repositories without a paid plan, and administrators may skip reviewers.
# usage: approved.sh NAME
# Needs GH_TOKEN with the permission actions: read. Exit status: 0 approved, 1 not, or not to be found out.
set -euo pipefail
name=$1
source "$(dirname "$0")/lib.sh"

reviews=$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/approvals") ||
  fail "GitHub does not say who approved this run; nothing was applied"
approved=$(jq --raw-output --arg name "$name" '
  [.[] | select(.state == "approved" and any(.environments[]; (.name | ascii_downcase) == ($name | ascii_downcase))) | .user.login]
  | unique | join(", ")' <<<"$reviews") || fail "GitHub's answer about approvals cannot be read; nothing was applied"
[ -n "$approved" ] || fail "nobody approved this run for $name; nothing was applied. Required reviewers: docs/pipelines.md"
echo "approved for $name by $approved"
