#!/usr/bin/env bash
# Refuses a GitHub environment that is not there, or that another branch than main could use.
# usage: main-only.sh ENVIRONMENT
# Needs GH_TOKEN with the permission actions: read. Exit status: 0 main alone, 1 not, or not to be found out.
set -euo pipefail
environment=$1
source "$(dirname "$0")/lib.sh"

path="repos/$GITHUB_REPOSITORY/environments/$environment"
policy=$(gh api "$path" --jq .deployment_branch_policy.custom_branch_policies) ||
  fail "the GitHub environment $environment is not there, or cannot be read: docs/pipelines.md says how it is made"
[ "$policy" = true ] || fail "the GitHub environment $environment takes every branch: let it take main alone"
branches=$(gh api "$path/deployment-branch-policies" --jq '[.branch_policies[].name] | join(" ")') ||
  fail "the branches of the GitHub environment $environment cannot be read"
[ "$branches" = main ] || fail "the GitHub environment $environment takes the branches \"$branches\", not main alone"
