#!/usr/bin/env bash
# Signs in to a container registry as the workflow (OIDC) with AZURE_CLIENT_ID and AZURE_TENANT_ID; there is no secret. Other
# scripts read it with `source`, after lib.sh.
set -euo pipefail

assert_registry() {
  [[ $1 =~ ^[a-z0-9]{5,50}\.azurecr\.io$ ]] || fail "\"$1\" is no host of an Azure container registry"
}

# sign_in REGISTRY
sign_in() {
  # Docker, skopeo and cosign read one file of credentials, which ends with the job.
  DOCKER_CONFIG=$(mktemp -d)
  export DOCKER_CONFIG REGISTRY_AUTH_FILE="$DOCKER_CONFIG/config.json"
  trap 'rm -rf "$DOCKER_CONFIG"' EXIT
  local token
  token=$(curl --silent --show-error --fail --header @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" \
    <<<"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" | jq --raw-output .value)
  az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
    --federated-token "$token" --allow-no-subscriptions --only-show-errors --output none ||
    fail "Azure refused to sign in: compare the trust of the identity with docs/pipelines.md"
  az acr login --name "${1%%.*}" --expose-token --only-show-errors --query accessToken --output tsv |
    skopeo login --username 00000000-0000-0000-0000-000000000000 --password-stdin "$1" >/dev/null ||
    fail "the identity may not push to $1: it needs the role AcrPush there"
}

# push ARCHIVE REGISTRY REPOSITORY TAG: pushes every architecture, signs it, and leaves its digest in $image.
push() {
  fenced skopeo copy --all --preserve-digests "oci-archive:$1" "docker://$2/$3:$4" || fail "$3 was not pushed"
  image=$(pushed_digest "$2/$3:$4")
  # By the digest: a tag could be moved between pushing and signing.
  fenced cosign sign --yes "$2/$3@$image" || fail "$3 was not signed"
}

# pushed_digest REFERENCE: fails where it is not there.
pushed_digest() {
  local manifest
  manifest=$(mktemp)
  skopeo inspect --raw "docker://$1" >"$manifest" || return 1
  printf 'sha256:%s' "$(digest "$manifest")"
}
