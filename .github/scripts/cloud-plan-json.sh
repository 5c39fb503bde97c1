#!/usr/bin/env bash
# Downloads the plan of a run of HCP Terraform, as `terraform show -json` would print it. `hcp-terraform -- plan-json` does the
# same for people; here the token and packages from npm stay apart.
# usage: cloud-plan-json.sh RUN FILE
set -euo pipefail
umask 077
run=$1
file=$2
source "$(dirname "$0")/lib.sh"
[[ $run =~ ^run-[A-Za-z0-9]+$ ]] || fail "\"$run\" is no run of HCP Terraform"

# The host that TF_TOKEN_app_terraform_io is for.
api=https://app.terraform.io/api/v2
get() {
  # From a file descriptor: arguments can be read by every process.
  curl --fail --silent --show-error --retry 4 --max-time 60 \
    --header @<(printf 'Authorization: Bearer %s\n' "$TF_TOKEN_app_terraform_io") "$@"
}
plan=$(get "$api/runs/$run" | jq --raw-output '.data.relationships.plan.data.id')
[[ $plan =~ ^plan-[A-Za-z0-9]+$ ]] || fail "HCP Terraform names no plan of $run"
# The answer redirects to a storage host, which must not get the token.
address=$(get --output /dev/null --write-out '%{redirect_url}' "$api/plans/$plan/json-output")
[[ $address == https://* ]] || fail "HCP Terraform has no JSON of the plan of $run: the token needs admin rights in the workspace"
curl --fail --silent --show-error --retry 4 --max-time 300 --proto =https --output "$file" "$address"
