import { RemoteError } from "@edge-anomaly-detection/common";
import { SCOPES } from "../endpoints";
import type { ExpectedResource } from "../expectations";
import { at, list, number, requiredList, requiredText, text } from "../json";
import type { AzureRequest } from "../http";
import type { Around } from "./around";

type Parameters = Readonly<Record<string, string>>;

/** A request to ARM. */
export function arm({ endpoints }: Around, path: string, version: string, parameters: Parameters = {}): AzureRequest {
  const url = new URL(`${endpoints.arm}${path}`);
  for (const [name, value] of Object.entries({ "api-version": version, ...parameters })) {
    url.searchParams.set(name, value);
  }
  return { url, scope: SCOPES.arm };
}

/**
 * ARM id of the subscription.
 *
 * @throws RemoteError where it is not known
 */
export function subscriptionPath({ expected }: Around): string {
  if (expected.subscriptionId === undefined) {
    throw new RemoteError(
      "no subscription is known",
      `write subscriptionId into environments/${expected.environment}.ts, or set ARM_SUBSCRIPTION_ID`,
    );
  }
  return `/subscriptions/${expected.subscriptionId}`;
}

/** ARM id of the resource group. */
export const groupPath = (around: Around): string =>
  `${subscriptionPath(around)}/resourceGroups/${around.expected.resourceGroup}`;

/** ARM id of a resource in the group. */
export const resourcePath = (around: Around, type: string, name: string): string =>
  `${groupPath(around)}/providers/${type}/${name}`;

/** State of the subscription: Enabled, Warned, PastDue, Disabled, Deleted. */
export async function subscription(around: Around): Promise<string> {
  const { body } = await around.http.get(arm(around, subscriptionPath(around), "2022-12-01"));
  return requiredText(body, "the subscription", "state");
}

/** A namespace of resource types. */
export interface Provider {
  readonly state: string;
  /** Regions by type in lower case, as ARM displays them. */
  readonly regions: ReadonlyMap<string, readonly string[]>;
}

/** Namespaces by name in lower case. */
export async function providers(around: Around): Promise<ReadonlyMap<string, Provider>> {
  const found = await around.http.pages(arm(around, `${subscriptionPath(around)}/providers`, "2021-04-01"));
  return new Map(
    (found ?? []).map((provider): [string, Provider] => [
      (text(provider, "namespace") ?? "").toLowerCase(),
      {
        state: text(provider, "registrationState") ?? "unknown",
        regions: new Map(
          list(provider, "resourceTypes").map((type) => [
            (text(type, "resourceType") ?? "").toLowerCase(),
            list(type, "locations").filter((name) => typeof name === "string"),
          ]),
        ),
      },
    ]),
  );
}

/** A limit of the subscription. */
export interface Quota {
  readonly what: string;
  readonly used: number;
  readonly limit: number;
  /** How many more the environment needs where it is not there yet. */
  readonly needed: number;
}

/** Limits that a deployment may run into: hubs, and virtual CPUs where it creates virtual machines. */
export async function quotas(around: Around): Promise<readonly Quota[]> {
  const { expected, http } = around;
  const read = async (path: string, version: string, name: RegExp, needed: number): Promise<Quota[]> => {
    const found = (await http.pages(arm(around, `${subscriptionPath(around)}${path}`, version))) ?? [];
    return found.flatMap((usage) => {
      const used = number(usage, "currentValue");
      const limit = number(usage, "limit");
      const id = text(usage, "name", "value") ?? "";
      return name.test(id) && used !== undefined && limit !== undefined
        ? [{ what: text(usage, "name", "localizedValue") ?? id, used, limit, needed }]
        : [];
    });
  };
  const compute = `/providers/Microsoft.Compute/locations/${expected.location}/usages`;
  return [
    ...(await read("/providers/Microsoft.Devices/usages", "2023-06-30", /paid|standard|^IotHub/i, 1)),
    ...(expected.virtualCpus > 0 ? await read(compute, "2024-07-01", /^cores$/i, expected.virtualCpus) : []),
  ];
}

/** What whoever asks may do, as ARM says it. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** Permissions of whoever is signed in, on the subscription. */
export async function permissions(around: Around): Promise<readonly Permission[]> {
  const path = `${subscriptionPath(around)}/providers/Microsoft.Authorization/permissions`;
  const found = (await around.http.pages(arm(around, path, "2022-04-01"))) ?? [];
  const strings = (value: unknown, name: string): string[] =>
    list(value, name).filter((action) => typeof action === "string");
  return found.map((one) => ({ actions: strings(one, "actions"), notActions: strings(one, "notActions") }));
}

/** Resources of the group; undefined where there is no such group. */
export async function resources(around: Around): Promise<readonly ExpectedResource[] | undefined> {
  const found = await around.http.pages(arm(around, `${groupPath(around)}/resources`, "2021-04-01"));
  return found?.map((one) => ({ type: text(one, "type") ?? "", name: text(one, "name") ?? "" }));
}

/** How a service is asked whether a name is free. */
const NAME_CHECKS: Readonly<Record<string, { readonly version: string; readonly body: (name: string) => unknown }>> = {
  "Microsoft.Storage/storageAccounts": {
    version: "2023-05-01",
    body: (name) => ({ name, type: "Microsoft.Storage/storageAccounts" }),
  },
  "Microsoft.KeyVault/vaults": {
    version: "2023-07-01",
    body: (name) => ({ name, type: "Microsoft.KeyVault/vaults" }),
  },
  "Microsoft.ServiceBus/namespaces": { version: "2024-01-01", body: (name) => ({ name }) },
  "Microsoft.Devices/IotHubs": { version: "2023-06-30", body: (name) => ({ name }) },
  "Microsoft.ContainerRegistry/registries": {
    version: "2023-07-01",
    body: (name) => ({ name, type: "Microsoft.ContainerRegistry/registries" }),
  },
};

/** Global names that somebody else has. A deleted vault of the same subscription is none: Terraform recovers it. */
export async function takenNames(
  around: Around,
  own: readonly ExpectedResource[] | undefined,
): Promise<readonly (ExpectedResource & { readonly reason: string })[]> {
  const isOwn = ({ type, name }: ExpectedResource): boolean =>
    (own ?? []).some((one) => isSame(one.type, type) && isSame(one.name, name));
  const answers = await Promise.all(
    around.expected.globalNames
      .filter((one) => !isOwn(one))
      .map(async (one) => {
        const check = NAME_CHECKS[one.type];
        if (check === undefined) {
          return [];
        }
        const path = `${subscriptionPath(around)}/providers/${one.type.split("/")[0] ?? ""}/checkNameAvailability`;
        const request = arm(around, path, check.version);
        const { body } = await around.http.get({ ...request, method: "POST", body: check.body(one.name) });
        if (at(body, "nameAvailable") !== false || (await isDeletedVault(around, one))) {
          return [];
        }
        return [{ ...one, reason: text(body, "message") ?? text(body, "reason") ?? "it is taken" }];
      }),
  );
  return answers.flat();
}

async function isDeletedVault(around: Around, { type, name }: ExpectedResource): Promise<boolean> {
  if (type !== "Microsoft.KeyVault/vaults") {
    return false;
  }
  const path = `${subscriptionPath(around)}/providers/Microsoft.KeyVault/locations/${around.expected.location}/deletedVaults/${name}`;
  return (await around.http.find(arm(around, path, "2023-07-01"))) !== undefined;
}

/** Whether Azure takes two names for one. */
export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What metrics of a resource add up to over the last day, by metric; each is a sum, or the largest value of a maximum. */
export async function metricsOf(
  around: Around,
  resource: string,
  names: readonly string[],
  aggregation: "Total" | "Maximum",
): Promise<ReadonlyMap<string, { readonly value: number; readonly last: string | undefined }>> {
  const until = around.now;
  const request = arm(around, `${resource}/providers/Microsoft.Insights/metrics`, "2023-10-01", {
    metricnames: names.join(","),
    aggregation,
    interval: "PT1H",
    timespan: `${new Date(until.getTime() - 86_400_000).toISOString()}/${until.toISOString()}`,
  });
  const { body } = await around.http.get(request);
  const key = aggregation === "Total" ? "total" : "maximum";
  return new Map(
    requiredList(body, "value", request.url).map((metric) => {
      const points = list(metric, "timeseries").flatMap((series) => list(series, "data"));
      const values = points.map((point) => number(point, key) ?? 0);
      const value = aggregation === "Total" ? values.reduce((sum, one) => sum + one, 0) : Math.max(0, ...values);
      const last = points.filter((_, index) => (values[index] ?? 0) > 0).map((point) => text(point, "timeStamp") ?? "");
      return [text(metric, "name", "value") ?? "", { value, last: last.sort().at(-1) }] as const;
    }),
  );
}
