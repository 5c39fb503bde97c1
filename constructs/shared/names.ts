import { createHash } from "node:crypto";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { NAME_RULES, type NameRule } from "./name-rules";

/** What an environment's names are made of. */
export interface NameParts {
  /** What the system does, in one short word, part of every name. */
  readonly workload: string;
  /** The environment's short form, for example `dev`, `stg`, `prd`. */
  readonly code: string;
  /** The Azure region; part of the hash, so that a second region gets names of its own. */
  readonly location: string;
  /** Any text that is the organisation's own; part of the hash that makes global names unique. */
  readonly seed: string;
}

/** Length of the hash in global names: 36^6 values, about two thousand million. */
const HASH_LENGTH = 6;

/** Lower-case letters and digits that depend on every part and on nothing else. */
function hashOf(parts: NameParts): string {
  const digest = createHash("sha256").update([parts.seed, parts.workload, parts.code, parts.location].join("\n"));
  return BigInt(`0x${digest.digest("hex")}`)
    .toString(36)
    .slice(-HASH_LENGTH);
}

function compose(rule: NameRule, parts: NameParts, purpose = ""): string {
  const words = [rule.abbreviation, parts.workload, purpose, parts.code, rule.global ? hashOf(parts) : ""];
  return words.filter((word) => word !== "").join(rule.separator);
}

/** Why a storage account exists, part of its name. */
export type StoragePurpose = "lake" | "ml" | "asa" | "twin";

/** Whose identity it is, part of its name. */
export type IdentityPurpose = "workspace" | "training" | "provisioning";

/** What of Terraform a pipeline runs, the last part of the names of what it signs in as. */
export type PipelinePhase = "plan" | "apply";

/** For example `rg-anomaly-dev`. Unique in its subscription. */
export const resourceGroupName = (parts: NameParts): string => compose(NAME_RULES.resourceGroup, parts);

/** For example `stanomalylakedev4f2a1c`. Unique in all of Azure. */
export const storageAccountName = (parts: NameParts, purpose: StoragePurpose): string =>
  compose(NAME_RULES.storageAccount, parts, purpose);

/** For example `kv-anomaly-dev-4f2a1c`. Unique in all of Azure, soft-deleted vaults included. */
export const keyVaultName = (parts: NameParts): string => compose(NAME_RULES.keyVault, parts);

/** For example `kvml-anomaly-dev-4f2a1c`. Unique in all of Azure, soft-deleted vaults included. */
export const workspaceVaultName = (parts: NameParts): string => compose(NAME_RULES.workspaceVault, parts);

/**
 * For example `iot-anomaly-dev-4f2a1c`. Unique in all of Azure.
 *
 * @param stamp of a further hub of the environment: `iot-anomaly-second-dev-4f2a1c`
 */
export const iotHubName = (parts: NameParts, stamp = ""): string => compose(NAME_RULES.iotHub, parts, stamp);

/** For example `provs-anomaly-dev-4f2a1c`. Unique in all of Azure. */
export const provisioningServiceName = (parts: NameParts): string => compose(NAME_RULES.provisioningService, parts);

/** For example `cranomalydev4f2a1c`. Unique in all of Azure. */
export const containerRegistryName = (parts: NameParts): string => compose(NAME_RULES.containerRegistry, parts);

/** For example `dt-anomaly-dev-4f2a1c`. Unique in its region. */
export const digitalTwinsName = (parts: NameParts): string => compose(NAME_RULES.digitalTwins, parts);

/** For example `sbns-anomaly-dev-4f2a1c`. Unique in all of Azure. */
export const serviceBusNamespaceName = (parts: NameParts): string => compose(NAME_RULES.serviceBusNamespace, parts);

/** For example `mlw-anomaly-dev`. Unique in its resource group, soft-deleted workspaces included. */
export const machineLearningWorkspaceName = (parts: NameParts): string =>
  compose(NAME_RULES.machineLearningWorkspace, parts);

/** For example `id-anomaly-training-dev`. Unique in its resource group. */
export const userAssignedIdentityName = (parts: NameParts, purpose: IdentityPurpose): string =>
  compose(NAME_RULES.userAssignedIdentity, parts, purpose);

/** For example `log-anomaly-dev`. Unique in its resource group. */
export const logAnalyticsWorkspaceName = (parts: NameParts): string => compose(NAME_RULES.logAnalyticsWorkspace, parts);

/** For example `appi-anomaly-dev`. Unique in its resource group. */
export const applicationInsightsName = (parts: NameParts): string => compose(NAME_RULES.applicationInsights, parts);

/** For example `ag-anomaly-dev`. Unique in its resource group. */
export const actionGroupName = (parts: NameParts): string => compose(NAME_RULES.actionGroup, parts);

/** For example `budget-anomaly-dev`. Unique in its resource group. */
export const budgetName = (parts: NameParts): string => compose(NAME_RULES.budget, parts);

/** For example `app-anomaly-dev-plan`. Unique in its tenant. */
export const applicationName = (parts: NameParts, phase: PipelinePhase): string =>
  `${compose(NAME_RULES.application, parts)}-${phase}`;

/** For example `role-anomaly-dev-plan`. Unique in its tenant. */
export const roleDefinitionName = (parts: NameParts, phase: PipelinePhase): string =>
  `${compose(NAME_RULES.roleDefinition, parts)}-${phase}`;

/** A UUID that depends on the parts and the purpose alone, for resources whose name must be one. */
export function stableUuid(parts: NameParts, purpose: string): string {
  const hex = createHash("sha256")
    .update(`${hashOf(parts)}\n${parts.seed}\n${purpose}`)
    .digest("hex");
  // Version 8 (a custom hash) and the RFC 9562 variant.
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** Every name of an environment with its rule. */
export function allNames(parts: NameParts): { readonly rule: NameRule; readonly name: string }[] {
  return [
    { rule: NAME_RULES.resourceGroup, name: resourceGroupName(parts) },
    { rule: NAME_RULES.storageAccount, name: storageAccountName(parts, "lake") },
    { rule: NAME_RULES.storageAccount, name: storageAccountName(parts, "ml") },
    { rule: NAME_RULES.storageAccount, name: storageAccountName(parts, "asa") },
    { rule: NAME_RULES.storageAccount, name: storageAccountName(parts, "twin") },
    { rule: NAME_RULES.keyVault, name: keyVaultName(parts) },
    { rule: NAME_RULES.workspaceVault, name: workspaceVaultName(parts) },
    { rule: NAME_RULES.iotHub, name: iotHubName(parts) },
    { rule: NAME_RULES.provisioningService, name: provisioningServiceName(parts) },
    { rule: NAME_RULES.containerRegistry, name: containerRegistryName(parts) },
    { rule: NAME_RULES.digitalTwins, name: digitalTwinsName(parts) },
    { rule: NAME_RULES.serviceBusNamespace, name: serviceBusNamespaceName(parts) },
    { rule: NAME_RULES.machineLearningWorkspace, name: machineLearningWorkspaceName(parts) },
    { rule: NAME_RULES.userAssignedIdentity, name: userAssignedIdentityName(parts, "workspace") },
    { rule: NAME_RULES.userAssignedIdentity, name: userAssignedIdentityName(parts, "training") },
    { rule: NAME_RULES.userAssignedIdentity, name: userAssignedIdentityName(parts, "provisioning") },
    { rule: NAME_RULES.logAnalyticsWorkspace, name: logAnalyticsWorkspaceName(parts) },
    { rule: NAME_RULES.applicationInsights, name: applicationInsightsName(parts) },
    { rule: NAME_RULES.actionGroup, name: actionGroupName(parts) },
    { rule: NAME_RULES.budget, name: budgetName(parts) },
    { rule: NAME_RULES.application, name: applicationName(parts, "plan") },
    { rule: NAME_RULES.application, name: applicationName(parts, "apply") },
    { rule: NAME_RULES.roleDefinition, name: roleDefinitionName(parts, "plan") },
    { rule: NAME_RULES.roleDefinition, name: roleDefinitionName(parts, "apply") },
  ];
}

/** Paths of the parts in a configuration. */
export type NamePartPaths = Record<keyof NameParts, string>;

/** Validation errors in the parts themselves, and names that come out too long although each part is well formed. */
export function namePartProblems(parts: NameParts, paths: NamePartPaths): Problem[] {
  const ofParts = collect(
    hasForm(
      paths.workload,
      parts.workload,
      /^[a-z][a-z0-9]+$/,
      "lower-case letters and digits, starting with a letter, at least 2",
      "take one short word, for example anomaly",
    ),
    hasForm(
      paths.code,
      parts.code,
      /^[a-z][a-z0-9]{1,3}$/,
      "2 to 4 lower-case letters and digits, starting with a letter",
      "take the environment's short form, for example dev, stg or prd",
    ),
    hasForm(
      paths.location,
      parts.location,
      /^[a-z]+[0-9]?$/,
      "a region's programmatic name: lower-case letters, at most one digit at the end",
      "write for example westeurope or eastus2, as `az account list-locations --query [].name` prints it",
    ),
    inRange(
      `${paths.seed}.length`,
      parts.seed.trim().length,
      { min: 8, max: 200, unit: "characters" },
      "write any text that no other organisation would choose; changing it later renames every global resource",
    ),
  );
  return ofParts.length > 0 ? ofParts : nameProblems(parts, paths);
}

function nameProblems(parts: NameParts, paths: NamePartPaths): Problem[] {
  const problems = allNames(parts).flatMap(({ rule, name }) =>
    collect(
      problemIf(
        name.length > rule.max || name.length < rule.min || !rule.form.test(name),
        paths.workload,
        parts.workload,
        `a word with which the ${rule.what} name ${name} (${name.length} characters) has ${rule.min} to ${rule.max}: ${rule.allowed}`,
        `shorten it by ${Math.max(1, name.length - rule.max)} characters, or ${paths.code}`,
      ),
    ),
  );
  // The longest name decides; the others would say the same with smaller numbers.
  const worst = problems.sort((a, b) => b.remedy.localeCompare(a.remedy, "en", { numeric: true }))[0];
  return worst === undefined ? [] : [worst];
}
