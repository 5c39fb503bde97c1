#!/usr/bin/env bash
# Keeps a saved plan in the account that holds the state, in a container of its own, signed in to by OIDC. Only identities of
# that environment may read the container, so a plan is as well kept as the state, which holds the same secrets.
# usage: plan-blob.sh put ACCOUNT CONTAINER BLOB FILE   moves the file there
#        plan-blob.sh get ACCOUNT CONTAINER BLOB FILE
#        plan-blob.sh delete ACCOUNT CONTAINER BLOB
set -euo pipefail
umask 077
action=$1
account=$2
container=$3
blob=$4
source "$(dirname "$0")/lib.sh"

# Their names come from a job in which packages ran; to az, a value that begins with @ is a file.
[[ $account =~ ^[a-z0-9]{3,24}$ ]] || fail "\"$account\" is no name of a storage account"
[[ $container =~ ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$ ]] || fail "\"$container\" is no name of a container"
[[ $blob =~ ^[0-9a-f]{64}\.tfplan$ ]] || fail "\"$blob\" is no name of a saved plan"

AZURE_CONFIG_DIR=$(mktemp -d)
export AZURE_CONFIG_DIR AZURE_CORE_OUTPUT=none AZURE_CORE_COLLECT_TELEMETRY=no
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT

# From a file descriptor: arguments can be read by every process.
token=$(curl --fail --silent --show-error --header @<(printf 'Authorization: bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN") \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" | jq --raw-output --exit-status .value)
echo "::add-mask::$token"
fenced az login --service-principal --username "$ARM_CLIENT_ID" --tenant "$ARM_TENANT_ID" --federated-token "$token" \
  --allow-no-subscriptions

where=(--auth-mode login --account-name "$account" --container-name "$container" --name "$blob")
case $action in
  put)
    # The name is the plan's checksum: what is there already under it is the same.
    fenced az storage blob upload "${where[@]}" --file "$5" --overwrite true
    rm -f "$5"
    ;;
  get) fenced az storage blob download "${where[@]}" --file "$5" ;;
  delete) fenced az storage blob delete "${where[@]}" ;;
  *) fail "unknown action $action; put, get or delete" ;;
esac
