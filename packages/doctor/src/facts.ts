import type { ExpectedResource, ExpectedRegistry } from "./expectations";
import * as arm from "./sources/arm";
import type { Around, Bounded } from "./sources/around";
import * as hubResource from "./sources/hub-resource";
import * as hubService from "./sources/hub-service";
import { newestFile } from "./sources/lake";
import * as monitoring from "./sources/monitoring";
import * as registry from "./sources/registry";
import { type VaultSecret, vaultSecrets } from "./sources/vault";
import { workOrders, type WorkOrders } from "./sources/work-orders";

/** What checks are given. What is undefined is not there, and is named by one check alone. */
export interface Facts {
  readonly subscription: string;
  readonly providers: ReadonlyMap<string, arm.Provider>;
  readonly quotas: readonly arm.Quota[];
  readonly permissions: readonly arm.Permission[];
  readonly resources: readonly ExpectedResource[] | undefined;
  readonly takenNames: readonly (ExpectedResource & { readonly reason: string })[];
  readonly missingImages: ExpectedRegistry["images"];
  readonly missingModels: Awaited<ReturnType<typeof registry.missingModels>>;
  readonly hub: hubResource.HubResource | undefined;
  readonly endpointHealth: readonly hubResource.EndpointHealth[] | undefined;
  readonly certificates: readonly hubResource.HubCertificate[] | undefined;
  readonly sentCategories: readonly string[] | undefined;
  readonly hubCounts: hubResource.HubCounts | undefined;
  readonly devices: hubService.HubDevices | undefined;
  readonly deployments: readonly hubService.Deployment[] | undefined;
  readonly agentReports: Bounded<hubService.AgentReport> | undefined;
  readonly detectorReports: Bounded<hubService.DetectorReport> | undefined;
  readonly alertRules: readonly monitoring.AlertRule[] | undefined;
  readonly firedAlerts: readonly monitoring.FiredAlert[] | undefined;
  readonly actionGroup: monitoring.ActionGroup | undefined;
  readonly budget: monitoring.Budget | undefined;
  readonly feed: monitoring.Feed | undefined;
  readonly loggedAnomaly: { readonly last: string | undefined } | undefined;
  readonly workOrders: WorkOrders | undefined;
  readonly registryTokens: readonly registry.RegistryToken[] | undefined;
  readonly vaultSecrets: readonly VaultSecret[];
  readonly lakeAnomaly: { readonly last: string | undefined } | undefined;
  readonly lakeTelemetry: { readonly last: string | undefined } | undefined;
}

/** Name of a source of facts. */
export type Source = keyof Facts;

/** Gives a fact; each is read once. */
export type Load = <Name extends Source>(name: Name) => Promise<Facts[Name]>;

type Reader<T> = (around: Around, load: Load) => Promise<T>;

/** Reads from the hub where there is one. */
const ofHub =
  <T>(read: Reader<T>): Reader<T | undefined> =>
  async (around, load) =>
    (await load("hub")) === undefined ? undefined : read(around, load);

/** Reads from a resource where it is there. */
const of =
  <T>(type: string, name: (around: Around) => string, read: Reader<T>): Reader<T | undefined> =>
  async (around, load) => {
    const all = (await load("resources")) ?? [];
    const isThere = all.some((one) => arm.isSame(one.type, type) && arm.isSame(one.name, name(around)));
    return isThere ? read(around, load) : undefined;
  };

const ofLake = (container: (around: Around) => string | undefined): LakeReader =>
  of(
    "Microsoft.Storage/storageAccounts",
    ({ expected }) => expected.lake.account,
    async (around) => {
      const name = container(around);
      return name === undefined ? undefined : { last: await newestFile(around, name) };
    },
  );
type LakeReader = Reader<{ readonly last: string | undefined } | undefined>;

const REGISTRY = "Microsoft.ContainerRegistry/registries";
const WORKSPACE = "Microsoft.OperationalInsights/workspaces";

/** How each fact is read. */
export const SOURCES: { readonly [Name in Source]: Reader<Facts[Name]> } = {
  subscription: arm.subscription,
  providers: arm.providers,
  quotas: arm.quotas,
  permissions: arm.permissions,
  resources: arm.resources,
  takenNames: async (around, load) => arm.takenNames(around, await load("resources")),
  missingImages: async (around, load) =>
    (await of(REGISTRY, ({ expected }) => expected.registry.name, registry.missingImages)(around, load)) ?? [],
  missingModels: registry.missingModels,
  hub: hubResource.hub,
  endpointHealth: ofHub(hubResource.endpointHealth),
  certificates: ofHub(hubResource.certificates),
  sentCategories: ofHub(hubResource.sentCategories),
  hubCounts: ofHub(hubResource.hubCounts),
  devices: ofHub(hubService.hubDevices),
  deployments: ofHub(hubService.deployments),
  agentReports: ofHub(async (around, load) => hubService.agentReports(around, (await load("deployments")) ?? [])),
  detectorReports: ofHub(hubService.detectorReports),
  alertRules: monitoring.alertRules,
  firedAlerts: monitoring.firedAlerts,
  actionGroup: monitoring.actionGroup,
  budget: monitoring.budget,
  feed: monitoring.feed,
  loggedAnomaly: of(WORKSPACE, ({ expected }) => expected.logs.workspace, monitoring.loggedAnomaly),
  workOrders,
  registryTokens: registry.registryTokens,
  vaultSecrets: async (around, load) => vaultSecrets(around, await load("resources")),
  lakeAnomaly: ofLake(({ expected }) => expected.lake.anomalies),
  lakeTelemetry: ofLake(({ expected }) => expected.lake.telemetry),
};
