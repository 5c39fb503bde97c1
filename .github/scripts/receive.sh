#!/usr/bin/env bash
# Takes what hand-over.sh collected: those files, to the byte, and no others.
# usage: receive.sh FOLDER SHA256 [NAME BACKEND]
#   SHA256  checksum that the collecting job gave as its output
#   NAME    environment whose stack is put where Terraform runs; it must be of the form that this project synthesizes
# Exit status: 0 taken, 1 refused; then nothing was put anywhere.
set -euo pipefail
folder=$1
sha256=$2
name=${3:-}
backend=${4:-}
scripts=$(dirname "$0")
source "$scripts/lib.sh"

actual=$(digest "$folder/SHA256SUMS")
[ "$actual" = "$sha256" ] || fail "what was synthesized has the checksum $actual, the job that synthesized it gave \"$sha256\""
others=$(find "$folder" -mindepth 1 ! -type f)
[ -z "$others" ] || fail "what was synthesized holds something that is no file"
! grep -qvE '^[0-9a-f]{64}  [a-z][a-z0-9-]*\.(js|tf\.json|expected\.json)$' "$folder/SHA256SUMS" || fail "SHA256SUMS holds a name that is not allowed"
(cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) || fail "a file is not the one that was synthesized"
listed=$(wc -l <"$folder/SHA256SUMS")
found=$(find "$folder" -type f | wc -l)
[ "$found" -eq $((listed + 1)) ] || fail "what was synthesized holds a file that SHA256SUMS does not list"

if [ -n "$name" ]; then
  assert_environment "$name"
  "$scripts/inspect-stack.sh" "$folder/$name.tf.json" "$backend"
  mkdir -p "cdktf.out/stacks/$name"
  # As jq read it when it was inspected: where a key stands twice, jq takes the last, and Terraform would take both.
  jq . "$folder/$name.tf.json" >"cdktf.out/stacks/$name/cdk.tf.json"
fi
