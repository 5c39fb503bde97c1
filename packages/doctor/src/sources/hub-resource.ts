import { at, list, requiredText, text, time } from "../json";
import { arm, metricsOf, resourcePath } from "./arm";
import type { Around } from "./around";

const VERSION = "2023-06-30";

/** The hub's own settings. */
export interface HubResource {
  readonly state: string;
  readonly routes: readonly {
    readonly name: string;
    readonly endpoints: readonly string[];
    readonly isEnabled: boolean;
  }[];
}

const hubPath = (around: Around): string => resourcePath(around, "Microsoft.Devices/IotHubs", around.expected.hub.name);

/** The hub; undefined where there is none. */
export async function hub(around: Around): Promise<HubResource | undefined> {
  const answer = await around.http.find(arm(around, hubPath(around), VERSION));
  if (answer === undefined) {
    return undefined;
  }
  const { body } = answer;
  return {
    state: requiredText(body, "the hub", "properties", "state"),
    routes: list(body, "properties", "routing", "routes").map((route) => ({
      name: text(route, "name") ?? "",
      endpoints: list(route, "endpointNames").filter((name) => typeof name === "string"),
      isEnabled: at(route, "isEnabled") !== false,
    })),
  };
}

/** How deliveries to an endpoint go. */
export interface EndpointHealth {
  readonly name: string;
  /** healthy, degraded, unhealthy, dead or unknown. */
  readonly status: string;
  readonly error: string | undefined;
  readonly since: string | undefined;
}

/** Health of the hub's endpoints. */
export async function endpointHealth(around: Around): Promise<readonly EndpointHealth[]> {
  const found = (await around.http.pages(arm(around, `${hubPath(around)}/routingEndpointsHealth`, VERSION))) ?? [];
  return found.map((one) => ({
    name: text(one, "endpointId") ?? "",
    status: text(one, "healthStatus") ?? "unknown",
    error: text(one, "lastKnownError"),
    since: time(one, "lastSuccessfulSendAttemptTime") ?? time(one, "lastKnownErrorTime"),
  }));
}

/** A certificate authority that the hub trusts. */
export interface HubCertificate {
  readonly name: string;
  readonly ends: string | undefined;
  readonly isVerified: boolean;
}

/** Certificates of the hub. */
export async function certificates(around: Around): Promise<readonly HubCertificate[]> {
  const { body } = await around.http.get(arm(around, `${hubPath(around)}/certificates`, VERSION));
  return list(body, "value").map((one) => ({
    name: text(one, "name") ?? "",
    ends: time(one, "properties", "expiry"),
    isVerified: at(one, "properties", "isVerified") === true,
  }));
}

/** Log categories of the hub that are sent to Log Analytics. */
export async function sentCategories(around: Around): Promise<readonly string[]> {
  const path = `${hubPath(around)}/providers/Microsoft.Insights/diagnosticSettings`;
  const found = (await around.http.pages(arm(around, path, "2021-05-01-preview"))) ?? [];
  return found
    .filter((setting) => text(setting, "properties", "workspaceId") !== undefined)
    .flatMap((setting) => list(setting, "properties", "logs"))
    .filter((log) => at(log, "enabled") === true)
    .flatMap((log) => text(log, "category") ?? []);
}

/** What the hub counted over the last day. */
export interface HubCounts {
  readonly received: number;
  /** Hour in which the last message came. */
  readonly lastHour: string | undefined;
  readonly dropped: number;
  readonly throttled: number;
  /** Messages of a day, at most. */
  readonly quotaUsed: number;
}

const TOTALS = {
  received: "d2c.telemetry.ingress.success",
  dropped: "d2c.telemetry.egress.dropped",
  orphaned: "d2c.telemetry.egress.orphaned",
  invalid: "d2c.telemetry.egress.invalid",
  throttled: "d2c.telemetry.ingress.sendThrottle",
} as const;

/** Metrics of the hub (learn.microsoft.com/azure/iot-hub/monitor-iot-hub-reference). */
export async function hubCounts(around: Around): Promise<HubCounts> {
  const [totals, maxima] = await Promise.all([
    metricsOf(around, hubPath(around), Object.values(TOTALS), "Total"),
    metricsOf(around, hubPath(around), ["dailyMessageQuotaUsed"], "Maximum"),
  ]);
  const of = (name: keyof typeof TOTALS): number => totals.get(TOTALS[name])?.value ?? 0;
  return {
    received: of("received"),
    lastHour: totals.get(TOTALS.received)?.last,
    dropped: of("dropped") + of("orphaned") + of("invalid"),
    throttled: of("throttled"),
    quotaUsed: maxima.get("dailyMessageQuotaUsed")?.value ?? 0,
  };
}
