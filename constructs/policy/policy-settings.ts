import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";
import type { PolicyException } from "../shared/policy-exception";
import { RULES } from "./rules";

/** What an environment decides about the rules for its stack. What it leaves out is as strict as it can be for everybody. */
export interface PolicySettings {
  /** Findings that are suppressed, each with its reason. @default - none */
  readonly exceptions?: readonly PolicyException[];
  /** Regions in which resources may be, by their programmatic names. @default - the stack's own region */
  readonly allowedRegions?: readonly string[];
  /** Days for which Log Analytics must keep logs at least, 30 to 730. @default 30 */
  readonly minimumLogRetentionDays?: number;
  /** Days for which deleted blobs, containers and vaults must be recoverable at least, 1 to 90. @default 7 */
  readonly minimumSoftDeleteDays?: number;
  /** Tags that everything must have that can have tags. @default ["environment", "purpose"] */
  readonly requiredTags?: readonly string[];
}

/** Defaults of what an environment leaves out. */
export const POLICY_DEFAULTS = {
  exceptions: [],
  minimumLogRetentionDays: 30,
  minimumSoftDeleteDays: 7,
  requiredTags: ["environment", "purpose"],
} as const satisfies PolicySettings;

/** Validation errors of an environment's settings for the rules. */
export function policyProblems(settings: PolicySettings): Problem[] {
  return [
    ...(settings.exceptions ?? []).flatMap((exception, index, all) =>
      under(`exceptions[${index}]`, exceptionProblems(exception, all.slice(0, index))),
    ),
    ...collect(
      problemIf(
        settings.allowedRegions?.length === 0,
        "allowedRegions",
        settings.allowedRegions,
        "at least one region",
        "leave it out for the environment's own region",
      ),
      ...(settings.allowedRegions ?? []).map((region, index) =>
        hasForm(
          `allowedRegions[${index}]`,
          region,
          /^[a-z0-9]+$/,
          "a programmatic name of lower-case letters and digits, for example westeurope",
          "take it from `az account list-locations --query [].name`",
        ),
      ),
      inRange(
        "minimumLogRetentionDays",
        settings.minimumLogRetentionDays,
        { min: 30, max: 730, unit: "days" },
        "choose what logs.retentionDays must not fall below",
      ),
      inRange(
        "minimumSoftDeleteDays",
        settings.minimumSoftDeleteDays,
        { min: 1, max: 90, unit: "days" },
        "choose how long an accidental deletion must be reversible",
      ),
      ...(settings.requiredTags ?? []).map((tag, index) =>
        hasForm(`requiredTags[${index}]`, tag, /^[^<>%&\\?/]{1,128}$/, "the name of a tag", "write the tag's name"),
      ),
    ),
  ];
}

function exceptionProblems(exception: PolicyException, earlier: readonly PolicyException[]): Problem[] {
  const { rule, resource, reason } = exception;
  return collect(
    oneOf(
      "rule",
      rule,
      RULES.map(({ id }) => id),
      "name a rule as `npm run -s policy -- --rules` lists it",
    ),
    hasForm(
      "resource",
      resource,
      /^[^/\s]+(\/[^/\s]+)*$/,
      "a construct's path in the stack, for example PackageStorage/Account",
      "write the path as the finding has it, without the stack's name, or leave it out for the whole stack",
    ),
    problemIf(
      reason.trim().length < 10,
      "reason",
      reason,
      "a reason of at least 10 characters",
      "say why the rule does not hold here; everybody who reads the report sees it",
    ),
    problemIf(
      earlier.some((other) => other.rule === rule && other.resource === resource),
      "resource",
      resource,
      "a resource that no earlier exception from the same rule names",
      "remove one of the two",
    ),
  );
}
