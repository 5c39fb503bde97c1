import { nameParts } from "./name-parts";
import { ALERTED_CATEGORIES, hubAlertProblems } from "../../constructs/monitoring/hub-alerts";
import { receiverProblems } from "../../constructs/monitoring/alert-receivers";
import { logCategoryProblems } from "../../constructs/monitoring/diagnostic-setting";
import { logAnalyticsProblems } from "../../constructs/monitoring/log-analytics";
import { monthlyBudgetProblems } from "../../constructs/monitoring/monthly-budget";
import { edgeProblems } from "../../constructs/edge/edge-settings";
import { edgeVirtualMachineProblems } from "../../constructs/edge/edge-virtual-machine";
import { iotHubProblems } from "../../constructs/hub/iot-hub";
import { lakeRoutingProblems } from "../../constructs/hub/lake-routing";
import { dataAccessProblems } from "../../constructs/security/data-access";
import { policyProblems } from "../../constructs/policy/policy-settings";
import { keyVaultProblems } from "../../constructs/security/key-vault";
import { namePartProblems } from "../../constructs/shared/names";
import { regionProblems } from "@edge-anomaly-detection/azure-facts";
import {
  allDifferent,
  assertValid,
  collect,
  type Finding,
  type Problem,
  problemIf,
  under,
} from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import { dataLakeProblems } from "../../constructs/storage/data-lake";
import { storageAccountProblems } from "../../constructs/storage/storage-account";
import { edgeJobProblems } from "../../constructs/stream-analytics/edge-job";
import { edgePackageProblems } from "../../constructs/stream-analytics/edge-package";
import { computeClusterProblems } from "../../constructs/machine-learning/compute-cluster";
import { containerRegistryProblems } from "../../constructs/machine-learning/container-registry";
import type {
  AzurermBackendConfig,
  BackendConfig,
  CloudBackendConfig,
  EnvironmentConfig,
  OrganizationConfig,
} from "../environment-config";
import { edgeSurroundings } from "./edge-surroundings";
import { fleetProblems } from "./fleet-problems";
import { quotaProblem } from "./message-volume";

/**
 * Throws when any environment's configuration is invalid.
 *
 * @throws ValidationError with every validation error of every environment, each path starting with the environment's name
 */
export function assertValidEnvironments(
  organization: OrganizationConfig,
  environments: readonly EnvironmentConfig[],
): void {
  assertValid(
    "environments",
    [
      ...problemsAcross(environments),
      ...environments.flatMap((environment) =>
        environmentProblems(organization, environment).map((problem) =>
          problem.path.startsWith("organization.")
            ? problem
            : { ...problem, path: `${environment.name}.${problem.path}` },
        ),
      ),
    ].filter(isFirst),
  );
}

/** The same validation error of the organisation shows in every environment. */
export function isFirst(problem: Problem, index: number, all: readonly Problem[]): boolean {
  return all.findIndex(({ path, allowed }) => path === problem.path && allowed === problem.allowed) === index;
}

/** Mistakes of one environment's record, its organisation's included. */
export function environmentProblems(organization: OrganizationConfig, environment: EnvironmentConfig): Problem[] {
  const { hub, routing, streamAnalytics, logs, machineLearning, lake, accounts } = environment;
  const parts = nameParts(organization, environment);
  return [
    ...identityProblems(environment),
    ...namePartProblems(parts, {
      workload: "organization.workload",
      seed: "organization.nameSeed",
      code: "code",
      location: "location",
    }),
    ...placeProblems(organization, environment),
    ...under("backend", backendProblems(environment.backend)),
    ...tagProblems("organization.tags", organization.tags ?? {}),
    ...tagProblems("tags", environment.tags ?? {}),
    ...protectionProblems(environment),
    ...under("access", dataAccessProblems(environment.access ?? {})),
    ...under("keyVault", keyVaultProblems(environment.keyVault ?? {})),
    ...under("lake", dataLakeProblems(lake ?? {})),
    ...under("accounts", storageAccountProblems(accounts ?? {})),
    ...under("machineLearning", [
      ...containerRegistryProblems(machineLearning ?? {}),
      ...computeClusterProblems(machineLearning ?? {}),
    ]),
    ...under("hub", [
      ...iotHubProblems(hub ?? {}),
      ...logCategoryProblems("logCategories", "iotHub", hub?.logCategories),
      ...alertedCategoryProblems(hub?.logCategories),
    ]),
    ...under("routing", lakeRoutingProblems(routing ?? {}, hub?.sku)),
    ...under("streamAnalytics", [
      ...edgeJobProblems(streamAnalytics ?? {}),
      ...edgePackageProblems(streamAnalytics ?? {}),
    ]),
    ...(environment.edge === undefined
      ? []
      : under("edge", [
          ...edgeProblems(environment.edge, edgeSurroundings(organization, environment)),
          ...edgeVirtualMachineProblems(environment.edge),
        ])),
    ...collect(quotaProblem(environment)),
    ...fleetProblems(organization, environment),
    ...under("logs", logAnalyticsProblems(logs ?? {})),
    ...under("alerts", [
      ...hubAlertProblems(environment.alerts),
      ...under("receivers", receiverProblems(environment.alerts.receivers)),
    ]),
    ...under("budget", monthlyBudgetProblems(environment.budget)),
    ...under("policy", policyProblems(environment.policy ?? {})),
    ...templateProblems("", { ...environment }),
    ...templateProblems("organization", { ...organization }),
  ];
}

/** Regions by names that Azure has, wherever an environment names one. */
function placeProblems({ additionalRegions }: OrganizationConfig, environment: EnvironmentConfig): Problem[] {
  return [
    ...(additionalRegions ?? []).flatMap((region, index) =>
      collect(
        hasForm(
          `organization.additionalRegions[${index}]`,
          region,
          /^[a-z]+[0-9]?$/,
          "a region's programmatic name: lower-case letters, at most one digit at the end",
          "write it as `az account list-locations --query [].name` prints it",
        ),
      ),
    ),
    ...regionProblems("location", environment.location, additionalRegions),
    ...(environment.policy?.allowedRegions ?? []).flatMap((region, index) =>
      regionProblems(`policy.allowedRegions[${index}]`, region, additionalRegions),
    ),
  ];
}

/** An alert on a log that is not sent would be silent for ever. */
function alertedCategoryProblems(categories: readonly string[] | undefined): Problem[] {
  const missing = ALERTED_CATEGORIES.filter((category) => !(categories ?? ALERTED_CATEGORIES).includes(category));
  return collect(
    problemIf(
      missing.length > 0,
      "logCategories",
      categories,
      `a list with ${ALERTED_CATEGORIES.join(" and ")}, which alerts are made from`,
      `add ${missing.join(" and ")}`,
    ),
  );
}

function identityProblems(environment: EnvironmentConfig): Problem[] {
  return collect(
    hasForm(
      "name",
      environment.name,
      /^[a-z][a-z0-9-]{0,31}$/,
      "1 to 32 lower-case letters, digits and hyphens, starting with a letter",
      "name the environment, for example dev",
    ),
    // cdktf keeps stacks by name in an object.
    problemIf(
      environment.name in {},
      "name",
      environment.name,
      "a name that JavaScript does not give every object",
      "name the environment otherwise",
    ),
    subscriptionProblem(environment.subscriptionId),
  );
}

/** A subscription id, where there is one. */
export function subscriptionProblem(subscriptionId: string | undefined): Finding {
  return hasForm(
    "subscriptionId",
    subscriptionId,
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    "a subscription id",
    "take it from `az account show --query id`, or leave it out to use ARM_SUBSCRIPTION_ID",
  );
}

const BACKEND_FORMS: {
  readonly cloud: Readonly<Record<keyof Omit<Required<CloudBackendConfig>, "kind">, RegExp>>;
  readonly azurerm: Readonly<Record<keyof Omit<AzurermBackendConfig, "kind">, RegExp>>;
} = {
  cloud: { organization: /^[\w-]{3,40}$/, workspace: /^[\w-]{1,90}$/, hostname: /^[a-z0-9.-]+(:\d+)?$/ },
  azurerm: {
    resourceGroupName: /^[\w.()-]{0,89}[\w()-]$/,
    storageAccountName: /^[a-z0-9]{3,24}$/,
    containerName: /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    key: /^[^\s/\\][^\\]{0,1023}$/,
  },
};

/** Mistakes in where a state is kept. */
export function backendProblems(backend: BackendConfig): Problem[] {
  const forms: Readonly<Record<string, RegExp>> =
    (BACKEND_FORMS as Record<string, Readonly<Record<string, RegExp>> | undefined>)[backend.kind] ?? {};
  const values = new Map<string, unknown>(Object.entries(backend));
  return collect(
    oneOf("kind", backend.kind, ["local", "cloud", "azurerm"], "choose where Terraform keeps the state"),
    ...Object.entries(forms).map(([field, form]) => {
      const value = values.get(field);
      const optional = field === "hostname";
      return problemIf(
        (value !== undefined || !optional) && !(typeof value === "string" && form.test(value)),
        field,
        value,
        `text of the form ${form.source}`,
        "write the name as the service has it",
      );
    }),
  );
}

/** Limits of learn.microsoft.com/azure/azure-resource-manager/management/tag-resources; names as storage accounts take them. */
function tagProblems(path: string, tags: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(tags);
  return collect(
    problemIf(
      entries.length > 40,
      path,
      entries.length,
      "at most 40 tags, of 50 that a resource takes",
      "leave some out",
    ),
    ...entries.flatMap(([name, value]) => [
      hasForm(
        `${path}.${name}`,
        name,
        /^[^<>%&\\?/]{1,128}$/,
        "a name of 1 to 128 characters without < > % & \\ ? /",
        "rename the tag",
      ),
      hasForm(`${path}.${name}`, value, /^.{0,256}$/s, "a value of at most 256 characters", "shorten the value"),
      problemIf(
        name.toLowerCase() === "environment",
        `${path}.${name}`,
        value,
        "any tag but environment, which is the environment's name",
        "remove it",
      ),
    ]),
    allDifferent(
      entries.map(([name]) => ({ path: `${path}.${name}`, value: name })),
      "use each tag once; Azure does not tell upper from lower case",
    ),
  );
}

function protectionProblems({ protection }: EnvironmentConfig): Problem[] {
  return collect(
    problemIf(
      protection.preventDestroy && protection.purgeOnDestroy,
      "protection.purgeOnDestroy",
      true,
      "false where preventDestroy is true",
      "decide for one of the two",
    ),
  );
}

/** Terraform would run what stands in `${…}` and `%{…}`. */
export function templateProblems(path: string, value: unknown): Problem[] {
  if (typeof value === "string") {
    return collect(
      problemIf(
        /[$%]\{/.test(value),
        path,
        value,
        "text without ${ and %{, which Terraform takes for expressions",
        "write it without",
      ),
    );
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    templateProblems(Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, inner),
  );
}

interface PathAndValue {
  readonly path: string;
  readonly value: string;
}

/** What must differ between environments: names, resource names and states. */
export function problemsAcross(environments: readonly EnvironmentConfig[]): Problem[] {
  const paths = environments.map((_, index) => `[${index}]`);
  const values = (of: (environment: EnvironmentConfig) => string | undefined, field: string): PathAndValue[] =>
    environments.flatMap((environment, index) => {
      const value = of(environment);
      return value === undefined ? [] : [{ path: `${paths[index] ?? ""}.${field}`, value }];
    });
  return collect(
    problemIf(
      environments.length === 0,
      "list",
      environments,
      "at least one environment",
      "add one to environments/index.ts",
    ),
    allDifferent(
      values(({ name }) => name, "name"),
      "give each environment a name of its own",
    ),
    allDifferent(
      values(({ code }) => code, "code"),
      "give each environment a short form of its own",
    ),
    allDifferent(
      values(({ backend }) => stateOf(backend), "backend"),
      "keep each environment's state in a place of its own",
    ),
  );
}

/** What tells one state from another; undefined where each stack has a file of its own. */
export function stateOf(backend: BackendConfig): string | undefined {
  switch (backend.kind) {
    case "cloud":
      return [backend.hostname ?? "app.terraform.io", backend.organization, backend.workspace].join("/");
    case "azurerm":
      return [backend.storageAccountName, backend.containerName, backend.key].join("/");
    case "local":
      return undefined;
  }
}
