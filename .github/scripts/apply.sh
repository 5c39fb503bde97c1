#!/usr/bin/env bash
# Applies a saved plan, that one and no other, then plans again: nothing may be left to do.
# usage: apply.sh NAME FOLDER SHA256 COMMIT
#   FOLDER  holds plan.tfplan and terraform.lock.hcl
#   SHA256  checksum of the plan that was reviewed
#   COMMIT  what it was made from
# Exit status: 0 applied and nothing left, 1 refused, failed, or something left.
set -euo pipefail
name=$1
saved=$(cd "$2" && pwd)
sha256=$3
commit=$4

scripts=$(dirname "$0")
stack=cdktf.out/stacks/$name

fail() {
  echo "::error title=$name::$1"
  exit 1
}

actual=$(git rev-parse HEAD)
[ "$actual" = "$commit" ] || fail "the plan was made from $commit, but $actual is checked out; nothing was applied"
actual=$(sha256sum <"$saved/plan.tfplan" | cut -d ' ' -f 1)
[ "$actual" = "$sha256" ] || fail "the saved plan has the checksum $actual, the reviewed one had $sha256; nothing was applied"

"$scripts/init.sh" "$stack" "$saved/terraform.lock.hcl"
terraform -chdir="$stack" apply -input=false -no-color "$saved/plan.tfplan"

left=0
terraform -chdir="$stack" plan -input=false -no-color -detailed-exitcode || left=$?
case $left in
  0) echo "$name: applied; a plan now changes nothing" | tee -a "$GITHUB_STEP_SUMMARY" ;;
  2) fail "applied, but a plan right after it still changes something; the log shows what" ;;
  *) fail "applied, but the plan right after it failed with status $left" ;;
esac
