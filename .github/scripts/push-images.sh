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

[[ $registry =~ ^[a-z0-9]{5,50}\.azurecr\.io$ ]] || fail "\"$registry\" is no host of an Azure container registry"
actual=$(digest "$folder/SHA256SUMS")
[ "$actual" = "$sha256" ] || fail "what was built has the checksum $actual, the job that built it gave \"$sha256\""
(cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) || fail "an image is not the one that was built"

# Skopeo and cosign read one file of credentials, which ends with the job.
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_CONFIG REGISTRY_AUTH_FILE="$DOCKER_CONFIG/config.json"
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
token=$(curl --silent --show-error --fail --header @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" \
  <<<"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" | jq --raw-output .value)
az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
  --federated-token "$token" --allow-no-subscriptions --only-show-errors --output none ||
  fail "Azure refused to sign in: compare the trust of the identity with docs/pipelines.md"
az acr login --name "${registry%%.*}" --expose-token --only-show-errors --query accessToken --output tsv |
  skopeo login --username 00000000-0000-0000-0000-000000000000 --password-stdin "$registry" >/dev/null ||
  fail "the identity may not push to $registry: it needs the role AcrPush there"

# A tag that was never used before: devices do not notice that a tag moved.
tag="1.0.$GITHUB_RUN_NUMBER-$GITHUB_RUN_ATTEMPT"
for repository in anomaly-detector anomaly-training; do
  fenced skopeo copy --all --preserve-digests "oci-archive:$folder/$repository.tar" "docker://$registry/$repository:$tag" ||
    fail "$repository was not pushed"
  manifest=$(mktemp)
  skopeo inspect --raw "docker://$registry/$repository:$tag" >"$manifest"
  image="sha256:$(digest "$manifest")"
  # By the digest: a tag could be moved between pushing and signing.
  fenced cosign sign --yes "$registry/$repository@$image" || fail "$repository was not signed"
  printf '`%s`: `%s@%s`\n\n' "$repository" "$tag" "$image" >>"$GITHUB_STEP_SUMMARY"
done
