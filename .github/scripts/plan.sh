#!/usr/bin/env bash
# Plans an environment and reviews the plan.
# usage: plan.sh NAME BACKEND look|save FOLDER
#   look  keeps nothing that could be applied
#   save  keeps FOLDER/saved/plan.tfplan and the lock file of its providers
# Writes FOLDER/NAME.md, the review, and FOLDER/NAME.changes, true or false; appends the review to the job's summary; the
# outputs are changes, verdict, sha256 and folder. Exit status: 0 planned and reviewed, 1 not.
set -euo pipefail
umask 077
name=$1
backend=$2
purpose=$3
folder=$4

scripts=$(dirname "$0")
stack=cdktf.out/stacks/$name
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# What `terraform show -json` prints has secrets in it. It never leaves this job.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "::error title=$name::$1"
  exit 1
}

"$scripts/init.sh" "$stack" "terraform-locks/$name.hcl"

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
terraform -chdir="$stack" plan "${arguments[@]}" | tee "$work/plan.log" || planned=$?
case $planned in
  0) changes=false ;;
  2) changes=true ;;
  *) fail "terraform plan failed with status $planned" ;;
esac

if [ "$speculative" = true ]; then
  run=$(grep -oE '/runs/run-[A-Za-z0-9]+' "$work/plan.log" | head -n 1 | cut -d / -f 3) || true
  [ -n "$run" ] || fail "terraform plan did not say which run of HCP Terraform it made"
  npm run -s hcp-terraform -- plan-json "$name" "$run" --out "$work/$name.json"
else
  terraform -chdir="$stack" show -json "$work/plan.tfplan" >"$work/$name.json"
fi

reviewed=0
# The file's name is what the review calls the plan. Shorter than a comment may be, because it shares one with others.
npm run -s review -- "$work/$name.json" --title "Plan of $name" --limit 60000 --out "$folder/$name.md" || reviewed=$?
case $reviewed in
  0) verdict=nothing ;;
  2) verdict=changes ;;
  3)
    verdict=dangerous
    echo "::warning title=Dangerous changes in $name::Something that holds data or identities is deleted or replaced. Read the review in the summary before you approve."
    ;;
  *) fail "the plan could not be reviewed (status $reviewed), so it is not offered for approval" ;;
esac
cat "$folder/$name.md" >>"$GITHUB_STEP_SUMMARY"
echo "$changes" >"$folder/$name.changes"

sha256=
if [ "$purpose" = save ] && [ "$changes" = true ]; then
  mkdir -p "$folder/saved"
  cp "$work/plan.tfplan" "$folder/saved/plan.tfplan"
  # apply refuses other providers than those the plan was made with.
  cp "$stack/.terraform.lock.hcl" "$folder/saved/terraform.lock.hcl"
  sha256=$(sha256sum <"$folder/saved/plan.tfplan" | cut -d ' ' -f 1)
fi

{
  echo "changes=$changes"
  echo "verdict=$verdict"
  echo "sha256=$sha256"
  echo "folder=$folder"
} >>"$GITHUB_OUTPUT"
