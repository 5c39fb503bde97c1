import { isObject } from "@edge-anomaly-detection/common";
import { PROBE } from "@edge-anomaly-detection/detector-contract";
import { SEVERITIES, type Severity, type Trend } from "./schedule";

/** An episode as far as maintenance is concerned. */
export interface Episode {
  readonly episodeId: string;
  readonly machineId: string;
  /** Device that judged it. */
  readonly deviceId: string;
  /** Site that the hub wrote into the message. @default - unknown */
  readonly site?: string;
  /** Hub or site that it is from; the `source` of events. */
  readonly source: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly severity: Severity;
  readonly trend: Trend;
  /** Kind of anomaly, as the detector names it. */
  readonly kind: string;
  readonly signal: string;
  /** Sentence of the detector, or of the operator. */
  readonly explanation: string;
}

/** What a message says of an episode. */
export interface Word {
  /** `seen`: it is there; `confirmed`: an operator says that it is a fault; `over`: it ended, or was a false alarm. */
  readonly says: "seen" | "confirmed" | "over";
  readonly episode: Episode;
  /** When it was said, ISO 8601. */
  readonly at: string;
}

/** Kinds of anomaly that get worse by themselves. */
const RISING_KINDS: readonly string[] = ["drift"];

/**
 * What an Event Grid event of a hub's telemetry says of episodes: alerts of the ML module and what operators said of them. Probes,
 * scores and messages of other modules say nothing.
 */
export function wordsOf(event: unknown): Word[] {
  if (!isObject(event) || !isObject(event.data)) {
    return [];
  }
  const { body, properties, systemProperties } = event.data;
  const deviceId = textIn(systemProperties, "iothub-connection-device-id") ?? "";
  const source = textIn(event, "topic") ?? "iot-hub";
  const at = textIn(event, "eventTime") ?? "";
  const site = textIn(properties, "site");
  return (Array.isArray(body) ? body : [body]).flatMap((one) =>
    wordOf(one, { deviceId, source, at, ...(site !== undefined && { site }) }),
  );
}

function wordOf(
  body: unknown,
  about: { readonly deviceId: string; readonly source: string; readonly at: string; readonly site?: string },
): Word[] {
  if (!isObject(body) || PROBE.property in body) {
    return [];
  }
  const { deviceId, source, site } = about;
  const episodeId = textIn(body, "episodeId");
  const machineId = textIn(body, "machineId");
  const at = textIn(body, "eventTime") ?? about.at;
  if (episodeId === undefined || machineId === undefined || Number.isNaN(Date.parse(at))) {
    return [];
  }
  const says = saidBy(body);
  if (says === undefined) {
    return [];
  }
  const kind = textIn(body, "kind") ?? "anomaly";
  // A model that no longer fits a machine is nobody's work on the machine.
  if (kind === "modelDrift") {
    return [];
  }
  const isFeedback = textIn(body, "feedbackId") !== undefined;
  const severity = SEVERITIES.find((one) => one === body.severity);
  return [
    {
      says,
      at,
      episode: {
        episodeId,
        machineId,
        deviceId,
        source,
        ...(site !== undefined && { site }),
        startedAt: textIn(body, "startedAt") ?? at,
        // What an operator confirms is worth a look soon, whatever it was taken for.
        severity: severity ?? "warning",
        trend: RISING_KINDS.includes(kind) ? "rising" : "steady",
        kind: isFeedback ? "confirmed" : kind,
        signal: textIn(body, "signal") ?? "",
        explanation:
          textIn(body, "explanation") ??
          `confirmed by ${textIn(body, "by") ?? "an operator"}${textIn(body, "comment") === undefined ? "" : `: ${textIn(body, "comment") ?? ""}`}`,
      },
    },
  ];
}

function saidBy(body: Readonly<Record<string, unknown>>): Word["says"] | undefined {
  if (typeof body.feedbackId === "string") {
    return body.kind === "confirm" ? "confirmed" : body.kind === "falseAlarm" ? "over" : undefined;
  }
  return typeof body.phase !== "string" ? undefined : body.phase === "closed" ? "over" : "seen";
}

function textIn(value: unknown, name: string): string | undefined {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}
