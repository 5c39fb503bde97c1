import { randomUUID } from "node:crypto";
import type { DetectorMethod } from "@edge-anomaly-detection/detector-contract";
import { type Alert, DETECTOR_VERSION } from "./engine";
import type { Inbox } from "./inbox";
import type { Log } from "./log";
import { checkRequest, type FeedbackRequest, type MethodAnswer } from "./methods";
import type { Outbox, OutboxMessage } from "./outbox";
import type { Pipeline } from "./pipeline";
import { probe } from "./probe";
import type { Twin } from "./twin";

export interface OperatorParts {
  readonly pipeline: Pipeline;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly twin: Twin;
  readonly deviceId: string;
  readonly log: Log;
  readonly status: () => Readonly<Record<string, unknown>>;
  readonly sendAlerts: (alerts: readonly Alert[]) => void;
  /** Resolves when the message, and what the machine learnt of it, cannot be lost. */
  readonly keep: (message: OutboxMessage, machineId: string) => Promise<void>;
}

/** Answers direct methods: what operators say of episodes and machines. */
export class Operators {
  public constructor(private readonly parts: OperatorParts) {}

  public async answer(name: DetectorMethod, payload: unknown): Promise<MethodAnswer> {
    const { pipeline, inbox, outbox, twin, deviceId, log } = this.parts;
    if (name === "status") return { status: 200, payload: this.parts.status() };
    if (name === "probe") return probe(payload, outbox, deviceId);
    const signals = twin.configuration.signals.map((signal) => signal.name);
    const checked = checkRequest(name, payload, signals, Date.now());
    if (!checked.ok) return checked.answer;
    const { request } = checked;
    const { kind, machineId, episodeId, signal, untilMs } = request;
    const target = {
      machineId,
      ...(episodeId !== undefined && { episodeId }),
      ...(signal !== undefined && { signal }),
      ...(untilMs !== undefined && { untilMs }),
    };
    let result: ReturnType<Pipeline["feedback"]> | undefined;
    await inbox.between(() => {
      result = pipeline.has(request.machineId)
        ? pipeline.feedback(kind, target, Date.now())
        : { ok: false, reason: `there is no machine ${request.machineId} here` };
    });
    if (!result?.ok)
      return { status: 404, payload: { error: `${kind} was not taken`, reasons: [result?.reason ?? ""] } };
    const feedbackId = randomUUID();
    this.parts.sendAlerts(result.alerts);
    const message: OutboxMessage = { output: "feedbackOutput", body: feedbackBody(feedbackId, request) };
    await this.parts.keep(message, request.machineId);
    log("info", "feedback", { kind, machineId: request.machineId, feedbackId });
    return { status: 200, payload: { feedbackId, message: result.message } };
  }
}

function feedbackBody(feedbackId: string, { untilMs, ...request }: FeedbackRequest): string {
  return JSON.stringify({
    feedbackId,
    eventTime: new Date().toISOString(),
    ...request,
    ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
    detectorVersion: DETECTOR_VERSION,
  });
}
