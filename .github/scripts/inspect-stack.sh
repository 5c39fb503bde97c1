#!/usr/bin/env bash
# Refuses a stack by which a compromised package could run a program, read a file of the runner, or send a token elsewhere:
# Terraform runs beside the identity's tokens, and what it runs was written by packages from npm.
# usage: inspect-stack.sh FILE BACKEND
#   BACKEND  cloud or azurerm, as the environment's configuration says
# Exit status: 0 nothing found, 1 something, each on a line of its own.
set -euo pipefail
file=$1
backend=$2
name=$(basename "$file" .tf.json)
source "$(dirname "$0")/lib.sh"

# By provider: where it comes from, and which arguments its configuration may have. Others can name hosts that tokens go to.
providers='{
  "azapi": { "source": ["azure/azapi"], "arguments": ["disable_default_output", "subscription_id"] },
  "azurerm": {
    "source": ["azurerm", "hashicorp/azurerm"],
    "arguments": ["features", "resource_provider_registrations", "resource_providers_to_register", "storage_use_azuread", "subscription_id"]
  },
  "iothub": { "source": ["mwalser/iothub"], "arguments": ["alias", "hostname"] },
  "random": { "source": ["hashicorp/random"], "arguments": [] },
  "time": { "source": ["hashicorp/time"], "arguments": [] }
}'
# Where a state may be: the backend, and what it may say. Its credentials come from the job.
backends='{
  "azurerm": ["container_name", "key", "resource_group_name", "storage_account_name", "use_azuread_auth"],
  "cloud": ["hostname", "organization", "workspaces"]
}'

found=$(
  jq --raw-output --argjson providers "$providers" --argjson backends "$backends" --arg backend "$backend" '
    def names: if type == "object" then keys else [] end;
    def list: if type == "array" then .[] else . end;
    # Terraform takes lists for blocks, too; what follows looks into objects.
    (["check", "data", "ephemeral", "provider", "resource", "terraform"][] as $key
      | select(has($key) and (.[$key] | type) != "object") | "\($key) is no object"),
    (.terraform.required_providers | select(. != null and type != "object") | "required_providers is no object"),
    # A check may hold a data source of its own.
    (.check // {} | .. | objects | select(has("data")) | "a check with data"),
    # What was renamed: two addresses of the state, and nothing else.
    (.moved // [] | list | select((names != ["from", "to"]) or any(.[]; type != "string")) | "a block moved with more than from and to"),
    (names - ["//", "check", "data", "ephemeral", "locals", "moved", "output", "provider", "resource", "terraform"]
      | .[] | "block \(.)"),
    (.terraform | names - ["backend", "cloud", "required_providers", "required_version"] | .[] | "terraform.\(.)"),
    ((.terraform.backend // {}) + (if .terraform.cloud then { cloud: .terraform.cloud } else {} end)
      | if names == [$backend] then .[$backend] | list | names - ($backends[$backend] // [])
          | .[] | "argument \(.) of the backend \($backend)"
        else "the backend is \(names | join(", ")), not \($backend)" end),
    (.terraform.required_providers // {} | to_entries[]
      | select([.value.source] - ($providers[.key].source // []) != []) | "provider \(.key) from \(.value.source)"),
    (.provider // {} | to_entries[] | .key as $key | .value | list | names - ($providers[$key].arguments // [])
      | .[] | "argument \(.) of the provider \($key)"),
    (.provider.iothub // [] | list | .hostname
      | select((type == "string" and test("^\\$\\{azurerm_iothub\\.[A-Za-z0-9_-]+\\.hostname\\}$")) | not)
      | "hostname \(.) of the provider iothub"),
    (.resource, .data, .ephemeral | names[] | select(. != "terraform_data")
      | select([split("_")[0]] - ($providers | keys) != []) | "type \(.)"),
    (.resource | .. | objects | select(has("provisioner")) | "a provisioner"),
    # Functions that read the runner, with comments between name and parenthesis.
    (.. | strings, (objects | keys[]) | select(test("[$%]\\{"))
      | select(test("\\b(file\\w*|templatefile|pathexpand)(\\s|/\\*([^*]|\\*+[^*/])*\\*+/|(#|//)[^\\n]*\\n)*\\("))
      | "a function that reads files"),
    # Some resources upload a file by its path.
    (.. | strings | select(test("^/(dev|etc|home|proc|root|run|sys|tmp)/")) | "the path \(.)")
  ' "$file"
) || fail "the stack is no JSON of the form that is synthesized here; nothing was run"
if [ -n "$found" ]; then
  fenced printf '%s\n' "$found"
  fail "the stack holds what this project never synthesizes (above); nothing was run. If it is meant to, extend .github/scripts/inspect-stack.sh"
fi
