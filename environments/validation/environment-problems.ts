import { nameParts } from "./name-parts";
import { plantProblems } from "@edge-anomaly-detection/twin";
import { plantOf } from "../../constructs/digital-twins/plant";
import { twinInstanceProblems } from "../../constructs/digital-twins/twin-settings";
import { UNDELIVERED_CONTAINER } from "../../constructs/maintenance/episode-subscription";
import { maintenanceProblems } from "../../constructs/maintenance/maintenance-settings";
import { ALERTED_CATEGORIES } from "../../constructs/monitoring/hub-alerts";
import { hubAlertProblems } from "../../constructs/monitoring/hub-metric-alerts";
import { receiverProblems } from "../../constructs/monitoring/alert-receivers";
import { logCategoryProblems } from "../../constructs/monitoring/diagnostic-setting";
import { logAnalyticsProblems } from "../../constructs/monitoring/log-analytics";
import { monthlyBudgetProblems } from "../../constructs/monitoring/monthly-budget";
import { edgeProblems } from "../../constructs/edge/edge-settings-problems";
import { edgeVirtualMachineProblems } from "../../constructs/edge/edge-virtual-machine";
import { hubStampProblems } from "../../constructs/hub/hub-stamps";
import { iotHubProblems } from "../../constructs/hub/iot-hub";
import { lakeRoutingProblems } from "../../constructs/hub/lake-routing";
import { dataAccessProblems } from "../../constructs/security/data-access";
import { networkProblems } from "../../constructs/network/network-settings";
import { policyProblems } from "../../constructs/policy/policy-settings";
import { keyVaultProblems } from "../../constructs/security/key-vault";
import { namePartProblems } from "../../constructs/shared/names";
import { regionProblems } from "@edge-anomaly-detection/azure-facts";
import { collect, type Finding, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import { dataLakeProblems } from "../../constructs/storage/data-lake";
import { storageAccountProblems } from "../../constructs/storage/storage-account";
import { edgeJobProblems } from "../../constructs/stream-analytics/edge-job";
import { edgePackageProblems } from "../../constructs/stream-analytics/edge-package";
import { computeClusterProblems } from "../../constructs/machine-learning/compute-cluster";
import { containerRegistryProblems } from "../../constructs/machine-learning/container-registry";
import { trainingProblems } from "../../constructs/machine-learning/training-pipeline";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { backendProblems } from "./backend-problems";
import { edgeSurroundings } from "./edge-surroundings";
import { fleetProblems } from "./fleet-problems";
import { networkSurroundings } from "./network-surroundings";
import { provisioningProblems } from "./provisioning-problems";
import { quotaProblem } from "./message-volume";
import { sourceProblems } from "./source-problems";
import { stampProblems } from "./stamp-problems";
import { tagProblems } from "./tag-problems";
import { templateProblems } from "./template-problems";

/** Validation errors of one environment's configuration, those of its organisation included. */
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
    ...networkFindings(environment),
    ...under("lake", dataLakeProblems(lake ?? {})),
    ...under("accounts", storageAccountProblems(accounts ?? {})),
    ...under("machineLearning", [
      ...containerRegistryProblems(machineLearning ?? {}),
      ...computeClusterProblems(machineLearning ?? {}),
      ...(machineLearning?.training === undefined ? [] : under("training", trainingProblems(machineLearning.training))),
    ]),
    ...sourceProblems(environment),
    ...under("hub", [
      ...iotHubProblems(hub ?? {}),
      ...hubStampProblems(hub ?? {}),
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
    ...stampProblems(environment),
    ...collect(quotaProblem(environment)),
    ...fleetProblems(organization, environment),
    ...(environment.provisioning === undefined
      ? []
      : under(
          "provisioning",
          provisioningProblems(environment.provisioning, {
            fleetDevices: environment.fleet?.devices ?? 0,
            network: environment.network,
          }),
        )),
    ...under("logs", logAnalyticsProblems(logs ?? {})),
    ...under("alerts", [
      ...hubAlertProblems(environment.alerts),
      ...under("receivers", receiverProblems(environment.alerts.receivers)),
    ]),
    ...under("budget", monthlyBudgetProblems(environment.budget)),
    ...under("maintenance", maintenanceProblems(environment.maintenance ?? {})),
    ...collect(undeliveredProblem(environment)),
    ...under("twin", twinProblems(environment)),
    ...under("policy", policyProblems(environment.policy ?? {})),
    ...templateProblems("", { ...environment }),
    ...templateProblems("organization", { ...organization }),
  ];
}

/** Paths of other settings stand as they are. */
function networkFindings(environment: EnvironmentConfig): Problem[] {
  const { network } = environment;
  return network === undefined
    ? []
    : networkProblems(network, networkSurroundings(environment)).map((problem) =>
        problem.path.startsWith("policy.") ? problem : { ...problem, path: `network.${problem.path}` },
      );
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

/** Machines are checked where somebody asks for a twin: without the setting only `npm run -s twin` does. */
function twinProblems(environment: EnvironmentConfig): Problem[] {
  const { twin } = environment;
  return twin === undefined
    ? []
    : [
        ...plantProblems(plantOf(environment)),
        ...(twin.instance === undefined ? [] : under("instance", twinInstanceProblems(twin.instance))),
      ];
}

/** The container is made with the queue. */
function undeliveredProblem({ lake, maintenance }: EnvironmentConfig): Finding {
  return problemIf(
    maintenance?.queue !== undefined && Object.hasOwn(lake?.containers ?? {}, UNDELIVERED_CONTAINER),
    `lake.containers.${UNDELIVERED_CONTAINER}`,
    UNDELIVERED_CONTAINER,
    "another name: maintenance.queue makes a container of this name",
    "rename the container",
  );
}

/** An alert on a log that is not sent never fires. */
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
