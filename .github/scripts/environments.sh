#!/usr/bin/env bash
# Writes the environments that a pipeline plans or applies as the output `list`, one line of JSON for a matrix, and their
# names as `names`. Refuses configuration that nobody has filled in yet.
# usage: environments.sh NAMES [--pull-requests]
set -euo pipefail
source "$(dirname "$0")/lib.sh"

list=$(npm run -s environments -- --pipeline "$1" "${@:2}" --json | jq --compact-output .)
names=$(jq --raw-output '[.[].name] | join(" ")' <<<"$list")
if [ -n "$names" ]; then
  # shellcheck disable=SC2086 # a list of words
  fenced npm run -s policy -- --strict-placeholders $names ||
    fail "the configuration above is not fit to deploy: placeholders must be replaced first (npm run -s policy)"
fi
output list "$list"
output names "$names"
echo "environments: ${names:-none}"
