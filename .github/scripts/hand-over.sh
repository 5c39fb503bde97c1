#!/usr/bin/env bash
# Collects what a job without any token synthesized, for jobs that have one and run nothing from npm.
# usage: hand-over.sh FOLDER NAME...
#   FOLDER  gets NAME.tf.json and NAME.expected.json for each environment, the bundled programs, and SHA256SUMS
# The outputs are folder and sha256, the checksum of SHA256SUMS: receive.sh takes nothing else.
set -euo pipefail
folder=$1
shift
source "$(dirname "$0")/lib.sh"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
for name in "$@"; do
  assert_environment "$name"
  cp "cdktf.out/stacks/$name/cdk.tf.json" "$folder/$name.tf.json"
  npm run --silent doctor -- "$name" --expectations >"$folder/$name.expected.json"
done
npm run --silent compile
cp dist/packages/doctor/src/bin.js "$folder/doctor.js"
cp dist/packages/plan-review/src/bin.js "$folder/review.js"
cp dist/stacks/commands/pipelines.js "$folder/pipelines.js"
(cd "$folder" && sha256sum -- *.js *.json >SHA256SUMS)
output folder "$folder"
output sha256 "$(digest "$folder/SHA256SUMS")"
