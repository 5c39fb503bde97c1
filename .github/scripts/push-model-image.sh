#!/usr/bin/env bash
# Builds the image that holds models on top of the detector's, pushes it and signs it. Nothing of it runs here: files are copied.
# usage: push-model-image.sh REQUEST REGISTRY ACCOUNT
#   REQUEST   what `npm run promote -- image` wrote
#   REGISTRY  host of the container registry that the identity is for: NAME.azurecr.io
#   ACCOUNT   storage account of the lake, whose container `ml-models` has the files
# The output is image, TAG@DIGEST. An image that the registry has under this tag is used: the tag is a hash of the content.
# Signs in as the workflow (OIDC) with AZURE_CLIENT_ID and AZURE_TENANT_ID; there is no secret.
set -euo pipefail
request=$1
registry=$2
account=$3
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/registry.sh"

# field NAME FORM: another job wrote the request.
field() {
  local value
  value=$(jq --raw-output --arg name "$1" '.[$name] | if type == "string" then . else "" end' "$request")
  [[ $value =~ $2 ]] || fail "\"$value\" is no $1"
  printf '%s' "$value"
}

assert_registry "$registry"
[[ $account =~ ^[a-z0-9]{3,24}$ ]] || fail "\"$account\" is no name of a storage account"
wanted=$(field registry '^[a-z0-9]+\.azurecr\.io$')
[ "$wanted" = "$registry" ] || fail "the environment's registry is $wanted; this identity is for $registry"
repository=$(field repository '^[a-z][a-z-]{0,63}$')
tag=$(field tag '^model-[0-9a-f]{12}$')
base=$(field base "^${registry//./\\.}/$repository[:@][A-Za-z0-9_.:-]+$")
mapfile -t models < <(jq --raw-output '.models[] | select(type == "string")' "$request")
[ "${#models[@]}" -gt 0 ] || fail "the request names no model"

sign_in "$registry"
if image=$(pushed_digest "$registry/$repository:$tag" 2>/dev/null); then
  output image "$tag@$image"
  exit 0
fi

context=$(mktemp -d)
for sha256 in "${models[@]}"; do
  [[ $sha256 =~ ^[0-9a-f]{64}$ ]] || fail "\"$sha256\" is no hash of a model"
  mkdir -p "$context/models/$sha256"
  file="$context/models/$sha256/model.onnx"
  az storage blob download --auth-mode login --account-name "$account" --container-name ml-models \
    --name "models/$sha256/model.onnx" --file "$file" --only-show-errors --output none ||
    fail "the model $sha256 cannot be read: the identity needs the role Storage Blob Data Reader on the container ml-models"
  actual=$(digest "$file")
  [ "$actual" = "$sha256" ] || fail "the model has the hash $actual, not $sha256"
done
find "$context" -exec touch --no-dereference --date @0 {} +

fenced docker buildx create --use --driver docker-container
fenced docker buildx build \
  --platform linux/amd64,linux/arm64 \
  --provenance mode=max \
  --sbom true \
  --build-arg "DETECTOR_IMAGE=$base" \
  --build-arg SOURCE_DATE_EPOCH=0 \
  --label "org.opencontainers.image.source=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" \
  --file packages/anomaly-detector/model.Dockerfile \
  --output "type=oci,dest=$context.tar,rewrite-timestamp=true" \
  "$context" || fail "the image could not be built"
push "$context.tar" "$registry" "$repository" "$tag"
output image "$tag@$image"
printf '`%s`: `%s@%s`\n\n' "$repository" "$tag" "$image" >>"$GITHUB_STEP_SUMMARY"
