#!/usr/bin/env bash
# Writes the environments that the pipelines plan and apply as the output `list`, one line of JSON for a matrix.
# usage: environments.sh NAMES
set -euo pipefail

list=$(npm run -s environments -- --pipeline "$1" --json | node -p 'JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")))')
echo "list=$list" >>"$GITHUB_OUTPUT"
echo "environments: $list"
