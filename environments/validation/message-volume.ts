import { IOT_HUB_DEFAULTS, IOT_HUB_SKUS, type IotHubSku } from "../../constructs/hub/iot-hub";
import { HUB_TIERS } from "@edge-anomaly-detection/azure-facts";
import { type Finding, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasStreamAnalytics } from "../../constructs/edge/edge-settings";
import type { EnvironmentConfig } from "../environment-config";
import { type HubShare, hubShares } from "./hub-shares";

const SECONDS_A_DAY = 86_400;

/**
 * What is assumed where a configuration cannot say it, for the estimate alone. The simulated sensor's message has about 200
 * bytes (SimulatedTemperatureSensor of Azure/iotedge); a sensor's own has up to a piece of 0.5 KB. An anomaly carries signal,
 * scores and context. One sensor message in a hundred is an anomaly to each analyser. Agent and hub of a device read their twins
 * once an hour and report what changed.
 */
export const ASSUMED = { anomalyBytes: 1024, anomalyShare: 0.01, twinBytes: 4096, twinReadsADay: 48 } as const;

/** Messages a day as a hub counts them. */
export interface MessageVolume {
  /** Of simulated sensors: they send exactly as often as the configuration says. */
  readonly simulatedTelemetry: number;
  /** Of sensors, one for each device, at the sample interval of the Stream Analytics job. */
  readonly telemetry: number;
  /** Of the ML module. */
  readonly anomalies: number;
  /** Rows of the Stream Analytics job. */
  readonly streamAnalyticsRows: number;
  /** What the runtime of each device reads and reports on its own. */
  readonly runtime: number;
  /** What all units of the hub take. */
  readonly quota: number;
}

/** What the devices of an environment, those in no list included, send to the hub in a day, and what it takes. */
export function messageVolume({ hub, edge, fleet, streamAnalytics }: EnvironmentConfig): MessageVolume {
  const sku = hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const limits = Object.hasOwn(IOT_HUB_SKUS, sku) ? IOT_HUB_SKUS[sku] : IOT_HUB_SKUS.S1;
  const quota = limits.dailyMessages * (hub?.units ?? IOT_HUB_DEFAULTS.units);
  const { pieceBytes } = Object.hasOwn(HUB_TIERS, sku) ? HUB_TIERS[sku] : HUB_TIERS.S1;
  const pieces = (bytes: number): number => Math.ceil(bytes / pieceBytes);

  const listed = edge?.devices ?? [];
  const listedGateways = listed.filter((device) => device.edge !== false).length;
  // Those that register on their own are in no list.
  const others = Math.max(0, (fleet?.devices ?? 0) - listedGateways);
  const gateways = listedGateways + others;
  const given = edge?.simulatedSensorSeconds;
  const simulated = given !== undefined && given >= 1 ? given : undefined;
  const messages = simulated === undefined ? 0 : (gateways * SECONDS_A_DAY) / simulated;
  const sensed =
    simulated === undefined
      ? ((listed.length + others) * SECONDS_A_DAY) / (streamAnalytics?.sampleIntervalSeconds ?? 5)
      : messages;
  const toCloud = edge?.telemetryToCloud === true;
  const alerts = sensed * ASSUMED.anomalyShare * pieces(ASSUMED.anomalyBytes);
  return {
    simulatedTelemetry: toCloud ? Math.floor(messages) : 0,
    telemetry: toCloud && simulated === undefined ? Math.floor(sensed) : 0,
    anomalies: edge !== undefined && (edge.analysers?.detector ?? true) ? Math.ceil(alerts) : 0,
    streamAnalyticsRows: edge !== undefined && hasStreamAnalytics(edge) ? Math.ceil(alerts) : 0,
    runtime: gateways * ASSUMED.twinReadsADay * pieces(ASSUMED.twinBytes),
    quota,
  };
}

/** Simulated sensors that alone send more than the hub takes: from then on until midnight (UTC) it refuses every message. */
export function quotaProblem(environment: EnvironmentConfig): Finding {
  return hubShares(environment)
    .map(hubQuotaProblem)
    .find((problem) => problem !== undefined);
}

function hubQuotaProblem({ where, environment }: HubShare): Finding {
  const { simulatedTelemetry, quota } = messageVolume(environment);
  return problemIf(
    simulatedTelemetry > quota,
    "edge.simulatedSensorSeconds",
    `${environment.edge?.simulatedSensorSeconds ?? ""} s: ${count(simulatedTelemetry)} messages a day from all devices${where}`,
    `messages that the hub takes: ${count(quota)} a day, ${hubText(environment)}`,
    "send less often, leave telemetryToCloud out, or choose more units or a larger hub.sku",
  );
}

/** An estimate above what the hub takes; not certain, because how much real sensors send is not in a configuration. */
export function quotaWarning(environment: EnvironmentConfig): Problem | undefined {
  return hubShares(environment)
    .map(hubQuotaWarning)
    .find((problem) => problem !== undefined);
}

function hubQuotaWarning({ where, environment }: HubShare): Problem | undefined {
  const { quota, ...parts } = messageVolume(environment);
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const texts = [
    [parts.simulatedTelemetry + parts.telemetry, "telemetry"],
    [parts.anomalies, "anomalies"],
    [parts.streamAnalyticsRows, "Stream Analytics rows"],
    [parts.runtime, "the runtime"],
  ] as const;
  return total <= quota
    ? undefined
    : {
        path: "hub.units",
        value: `${count(total)} messages a day estimated${where}: ${texts.map(([number, of]) => `${count(number)} ${of}`).join(", ")}`,
        allowed: `what the hub takes: ${count(quota)} a day, ${hubText(environment)}`,
        remedy: "choose more units or a larger hub.sku, or send less",
      };
}

function hubText({ hub }: EnvironmentConfig): string {
  const [sku, units]: [IotHubSku, number] = [hub?.sku ?? IOT_HUB_DEFAULTS.sku, hub?.units ?? IOT_HUB_DEFAULTS.units];
  return `${units} ${units === 1 ? "unit" : "units"} of ${sku}`;
}

const count = (value: number): string => value.toLocaleString("en");
