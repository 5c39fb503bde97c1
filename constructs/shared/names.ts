import { createHash } from "node:crypto";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";

/** What an environment's names are made of. */
export interface NameParts {
  /** What the system does, in one short word; stands in every name. */
  readonly workload: string;
  /** The environment's short form, for example `dev`, `stg`, `prd`. */
  readonly code: string;
  /** The Azure region; part of the hash, so that a second region gets names of its own. */
  readonly location: string;
  /** Any text that is the organisation's own; part of the hash that makes global names unique. */
  readonly seed: string;
}

/** What a service takes as a name. */
export interface NameRule {
  /** What is named, as a reader knows it. */
  readonly what: string;
  /** Cloud Adoption Framework abbreviation. */
  readonly abbreviation: string;
  readonly separator: "-" | "";
  /** Characters, both ends included. */
  readonly min: number;
  readonly max: number;
  readonly form: RegExp;
  /** The form in words. */
  readonly allowed: string;
  /** Whether all of Azure shares the names, so that a hash must tell organisations apart. */
  readonly global: boolean;
}

/**
 * Limits by resource type. The provider's check and Azure's own rule differ for some; the stricter of the two stands here.
 * Sources: validators of azurerm 4.55.0 (the `validate` packages of its services) and the ARM naming rules page
 * (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
 */
export const NAME_RULES = {
  resourceGroup: {
    what: "resource group",
    abbreviation: "rg",
    separator: "-",
    min: 1,
    max: 90,
    form: /^[\w.()-]*[\w()-]$/,
    allowed: "letters, digits, _ - . ( ), not ending in a dot",
    global: false,
  },
  storageAccount: {
    what: "storage account",
    abbreviation: "st",
    separator: "",
    min: 3,
    max: 24,
    form: /^[a-z0-9]+$/,
    allowed: "lower-case letters and digits",
    global: true,
  },
  keyVault: {
    what: "key vault",
    abbreviation: "kv",
    separator: "-",
    min: 3,
    max: 24,
    form: /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/,
    allowed: "letters, digits and single hyphens, starting with a letter, ending in a letter or digit",
    global: true,
  },
  workspaceVault: {
    what: "machine learning workspace's key vault",
    abbreviation: "kvml",
    separator: "-",
    min: 3,
    max: 24,
    form: /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/,
    allowed: "letters, digits and single hyphens, starting with a letter, ending in a letter or digit",
    global: true,
  },
  iotHub: {
    what: "IoT hub",
    abbreviation: "iot",
    separator: "-",
    min: 3,
    max: 50,
    form: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    allowed: "lower-case letters, digits and hyphens, not ending in a hyphen",
    global: true,
  },
  containerRegistry: {
    what: "container registry",
    abbreviation: "cr",
    separator: "",
    min: 5,
    max: 50,
    form: /^[a-z0-9]+$/,
    allowed: "lower-case letters and digits",
    global: true,
  },
  machineLearningWorkspace: {
    what: "machine learning workspace",
    abbreviation: "mlw",
    separator: "-",
    min: 3,
    max: 33,
    form: /^[a-zA-Z0-9][\w-]+$/,
    allowed: "letters, digits, _ and hyphens, starting with a letter or digit",
    global: false,
  },
  userAssignedIdentity: {
    what: "user-assigned identity",
    abbreviation: "id",
    separator: "-",
    min: 3,
    max: 128,
    form: /^[a-zA-Z0-9][\w-]+$/,
    allowed: "letters, digits, _ and hyphens, starting with a letter or digit",
    global: false,
  },
  logAnalyticsWorkspace: {
    what: "Log Analytics workspace",
    abbreviation: "log",
    separator: "-",
    min: 4,
    max: 63,
    form: /^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$/,
    allowed: "letters, digits and hyphens, starting and ending with a letter or digit",
    global: false,
  },
  applicationInsights: {
    what: "Application Insights component",
    abbreviation: "appi",
    separator: "-",
    min: 1,
    max: 260,
    form: /^[^%&\\?/]*[^%&\\?/ .]$/,
    allowed: "anything but % & \\ ? /, not ending in a space or dot",
    global: false,
  },
  actionGroup: {
    what: "action group",
    abbreviation: "ag",
    separator: "-",
    min: 1,
    max: 260,
    form: /^[^/&%?\\]*[^/&%?\\ .]$/,
    allowed: "anything but / & % ? \\, not ending in a space or dot",
    global: false,
  },
  budget: {
    what: "budget",
    abbreviation: "budget",
    separator: "-",
    min: 1,
    max: 63,
    form: /^[A-Za-z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
  application: {
    what: "application in Entra ID",
    abbreviation: "app",
    separator: "-",
    min: 1,
    max: 120,
    form: /^[a-zA-Z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
  roleDefinition: {
    what: "custom role",
    abbreviation: "role",
    separator: "-",
    min: 1,
    max: 512,
    form: /^[a-zA-Z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
} as const satisfies Record<string, NameRule>;

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

/** Why a storage account exists; stands in its name. */
export type StoragePurpose = "lake" | "ml" | "asa";

/** Whose identity it is; stands in its name. */
export type IdentityPurpose = "workspace" | "training";

/** What of Terraform a pipeline runs; stands last in the names of what it signs in as. */
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

/** For example `iot-anomaly-dev-4f2a1c`. Unique in all of Azure. */
export const iotHubName = (parts: NameParts): string => compose(NAME_RULES.iotHub, parts);

/** For example `cranomalydev4f2a1c`. Unique in all of Azure. */
export const containerRegistryName = (parts: NameParts): string => compose(NAME_RULES.containerRegistry, parts);

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
  // Version 8 (a hash of one's own choosing) and the RFC 9562 variant.
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
    { rule: NAME_RULES.keyVault, name: keyVaultName(parts) },
    { rule: NAME_RULES.workspaceVault, name: workspaceVaultName(parts) },
    { rule: NAME_RULES.iotHub, name: iotHubName(parts) },
    { rule: NAME_RULES.containerRegistry, name: containerRegistryName(parts) },
    { rule: NAME_RULES.machineLearningWorkspace, name: machineLearningWorkspaceName(parts) },
    { rule: NAME_RULES.userAssignedIdentity, name: userAssignedIdentityName(parts, "workspace") },
    { rule: NAME_RULES.userAssignedIdentity, name: userAssignedIdentityName(parts, "training") },
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

/** Where the parts stand in what somebody wrote. */
export type NamePartPaths = Record<keyof NameParts, string>;

/** Mistakes in the parts themselves, and names that come out too long although each part is well formed. */
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
