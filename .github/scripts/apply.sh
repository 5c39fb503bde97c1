#!/usr/bin/env bash
# Applies a saved plan, that one and no other, then plans again: nothing may be left to do.
# usage: apply.sh NAME FOLDER SHA256 LOCK_SHA256 COMMIT
#   FOLDER       holds plan.tfplan and terraform.lock.hcl; the plan is removed at the end
#   SHA256       checksum of the plan that was reviewed
#   LOCK_SHA256  checksum of the lock file of its providers
#   COMMIT       what it was made from
# Exit status: 0 applied and nothing left, 1 refused, failed, or something left.
set -euo pipefail
umask 077
name=$1
saved=$(cd "$2" && pwd)
sha256=$3
lock_sha256=$4
commit=$5

scripts=$(dirname "$0")
source "$scripts/lib.sh"
assert_environment "$name"
stack=cdktf.out/stacks/$name
trap 'rm -f "$saved/plan.tfplan"' EXIT

actual=$(git rev-parse HEAD)
[ "$actual" = "$commit" ] || fail "the plan was made from $commit, but $actual is checked out; nothing was applied"
actual=$(digest "$saved/plan.tfplan")
[ "$actual" = "$sha256" ] || fail "the saved plan has the checksum $actual, the reviewed one had $sha256; nothing was applied"
actual=$(digest "$saved/terraform.lock.hcl")
[ "$actual" = "$lock_sha256" ] || fail "the lock file has the checksum $actual, the plan's had $lock_sha256; nothing was applied"

"$scripts/init.sh" "$stack" "$saved/terraform.lock.hcl"
fenced terraform -chdir="$stack" apply -input=false -no-color "$saved/plan.tfplan"

left=0
fenced terraform -chdir="$stack" plan -input=false -no-color -detailed-exitcode || left=$?
case $left in
  0) echo "$name: applied; a plan now changes nothing" | tee -a "$GITHUB_STEP_SUMMARY" ;;
  2) fail "applied, but a plan right after it still changes something; the log shows what" ;;
  *) fail "applied, but the plan right after it failed with status $left" ;;
esac
