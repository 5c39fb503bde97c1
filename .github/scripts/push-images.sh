#!/usr/bin/env bash
# Pushes what build-images.sh built, to the byte, signs it, and says by which digests it is deployed.
# usage: push-images.sh FOLDER SHA256 REGISTRY
#   SHA256    checksum that the building job gave as its output
#   REGISTRY  host of the container registry: NAME.azurecr.io
# Signs in as the workflow (OIDC) with AZURE_CLIENT_ID and AZURE_TENANT_ID; there is no secret.
# Exit status: 0 pushed and signed, 1 refused; then nothing was pushed.
set -euo pipefail
folder=$1
sha256=$2
registry=$3
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/registry.sh"

assert_registry "$registry"
actual=$(digest "$folder/SHA256SUMS")
[ "$actual" = "$sha256" ] || fail "what was built has the checksum $actual, the job that built it gave \"$sha256\""
(cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) || fail "an image is not the one that was built"

sign_in "$registry"

# A tag that was never used before: devices do not notice that a tag moved.
tag="1.0.$GITHUB_RUN_NUMBER-$GITHUB_RUN_ATTEMPT"
for repository in anomaly-detector anomaly-training; do
  push "$folder/$repository.tar" "$registry" "$repository" "$tag"
  printf '`%s`: `%s@%s`\n\n' "$repository" "$tag" "$image" >>"$GITHUB_STEP_SUMMARY"
done
