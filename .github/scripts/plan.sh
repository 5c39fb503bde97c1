#!/usr/bin/env bash
# Plans an environment and reviews the plan.
# usage: plan.sh NAME BACKEND look|save FOLDER REVIEW.js
#   look  keeps nothing that could be applied
#   save  keeps the plan
# Writes three folders below FOLDER, which are kept apart because artifacts can be read by whoever can read the repository:
#   review   NAME.md, the review, and NAME.changes, true or false
#   saved    terraform.lock.hcl and, for HCP Terraform, plan.tfplan, which is the name of a run
#   private  for azurerm plan.tfplan, which holds secrets as the state does
# Appends the review to the job's summary. The outputs are changes, verdict, sha256, lock-sha256, review, saved and plan.
# Exit status: 0 planned and reviewed, 1 not.
set -euo pipefail
umask 077
name=$1
backend=$2
purpose=$3
folder=$4
review=$5

scripts=$(dirname "$0")
source "$scripts/lib.sh"
assert_environment "$name"
stack=cdktf.out/stacks/$name
mkdir -p "$folder/review" "$folder/saved" "$folder/private"
folder=$(cd "$folder" && pwd)
# What `terraform show -json` prints has secrets in it. It never leaves this job.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$scripts/init.sh" "$stack" "locks/$name.lock.hcl"

arguments=(-input=false -no-color -detailed-exitcode)
if [ "$backend" = azurerm ]; then
  # A lock on the blob is a write, which this identity may not do. A plan that went stale is refused by apply.
  arguments+=(-lock=false)
fi
# A saved plan of HCP Terraform is a run that anybody who may apply there could apply: to look, a speculative run is made.
speculative=false
if [ "$backend" = cloud ] && [ "$purpose" = look ]; then
  speculative=true
else
  arguments+=(-out="$work/plan.tfplan")
fi

planned=0
logged_plan() {
  terraform -chdir="$stack" plan "${arguments[@]}" | tee "$work/plan.log"
}
fenced logged_plan || planned=$?
case $planned in
  0) changes=false ;;
  2) changes=true ;;
  *) fail "terraform plan failed with status $planned" ;;
esac

if [ "$speculative" = true ]; then
  # The first such line is Terraform's own: what a plan prints of resources comes after it.
  run=$(grep -oE '^https://app\.terraform\.io/[^ ]+/runs/run-[A-Za-z0-9]+$' "$work/plan.log" | head -n 1 | sed 's|.*/||') || true
  [ -n "$run" ] || fail "terraform plan did not say which run of HCP Terraform it made"
  "$scripts/cloud-plan-json.sh" "$run" "$work/$name.json"
else
  show_plan() {
    terraform -chdir="$stack" show -json "$work/plan.tfplan" >"$work/$name.json"
  }
  fenced show_plan
fi

reviewed=0
report=$folder/review/$name.md
isolated_review() {
  # The file's name is what the review calls the plan. Shorter than a comment may be, because it shares one with others.
  "$scripts/isolated.sh" "$review" "$work/$name.json" --title "Plan of $name" --limit 60000 >"$report"
}
fenced isolated_review || reviewed=$?
case $reviewed in
  0) verdict=nothing ;;
  2) verdict=changes ;;
  3)
    verdict=dangerous
    annotate warning "Dangerous changes in $name" \
      "Something that holds data or identities is deleted or replaced. Read the review in the summary before you approve."
    ;;
  *) fail "the plan could not be reviewed (status $reviewed), so it is not offered for approval" ;;
esac
cat "$report" >>"$GITHUB_STEP_SUMMARY"
echo "$changes" >"$folder/review/$name.changes"

sha256=
lock_sha256=
plan=
if [ "$purpose" = save ] && [ "$changes" = true ]; then
  if [ "$backend" = cloud ]; then
    # Terraform's internal/cloud/cloudplan: nothing but the name of a run. Anything else could hold secrets.
    jq --exit-status '(keys - ["hostname", "remote_plan_format", "run_id"] == []) and (.run_id | test("^run-[A-Za-z0-9]+$"))' \
      "$work/plan.tfplan" >/dev/null 2>&1 || fail "the saved plan is not the name of a run of HCP Terraform; it was not kept"
    plan=$folder/saved/plan.tfplan
  else
    plan=$folder/private/plan.tfplan
  fi
  cp "$work/plan.tfplan" "$plan"
  sha256=$(digest "$plan")
  # apply refuses other providers than those the plan was made with.
  cp "$stack/.terraform.lock.hcl" "$folder/saved/terraform.lock.hcl"
  lock_sha256=$(digest "$folder/saved/terraform.lock.hcl")
fi

output changes "$changes"
output verdict "$verdict"
output sha256 "$sha256"
output lock-sha256 "$lock_sha256"
output review "$folder/review"
output saved "$folder/saved"
output plan "$plan"
