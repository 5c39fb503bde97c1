import type { Alert } from "./engine";
import type { Done, Incoming } from "./inbox";
import { type Log, messageOf } from "./log";
import type { Metrics } from "./metrics";
import type { Models } from "./models/models";
import type { Outbox } from "./outbox";
import type { ModelScores } from "./outcomes";
import type { Outcome, Pipeline, Prepared } from "./pipeline";
import type { ScoredOutput } from "./scored-output";

/** A body in a dead letter is cut to so many characters. */
const PREVIEW = 1024;

export interface ScoringParts {
  readonly pipeline: Pipeline;
  readonly models: Models;
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly scoredOutput: ScoredOutput;
  readonly deviceId: string;
  readonly log: Log;
  readonly clockMs: () => number;
  /** Resolves when the alerts cannot be lost. */
  readonly keep: (alerts: readonly Alert[], machineId: string) => Promise<void>;
}

/** One message from its bytes to what leaves for the hub. */
export class Scoring {
  public constructor(private readonly parts: ScoringParts) {}

  /** Scores a message that no model has to be asked for. */
  public now(message: Incoming): Done | undefined {
    if (this.parts.models.areInUse) return undefined;
    return this.attempt(message, () => this.prepare(message), {});
  }

  public async withModels(message: Incoming): Promise<Done> {
    let prepared: Prepared;
    try {
      prepared = this.prepare(message);
    } catch (error) {
      return this.emit(this.fault(error), message);
    }
    const scores = prepared.kind === "prepared" ? await this.parts.models.ask(prepared.inputs) : {};
    return this.attempt(message, () => prepared, scores);
  }

  private attempt(message: Incoming, prepare: () => Prepared, scores: ModelScores): Done {
    let outcome: Outcome;
    try {
      const prepared = prepare();
      outcome = prepared.kind === "prepared" ? this.parts.pipeline.finish(prepared, scores) : prepared;
    } catch (error) {
      outcome = this.fault(error);
    }
    return this.emit(outcome, message);
  }

  /** A fault of this module costs the one message that met it. */
  private fault(error: unknown): Outcome {
    this.parts.log("error", "fault", { reason: messageOf(error) });
    return { kind: "rejected", reason: `fault of the module: ${messageOf(error)}` };
  }

  private prepare({ body, deviceId }: Incoming): Prepared {
    const arrival = { arrivedMs: Date.now(), deviceId: deviceId ?? this.parts.deviceId, clockMs: this.parts.clockMs() };
    return this.parts.pipeline.prepare(body, arrival);
  }

  private emit(outcome: Outcome, { body, startedAt }: Incoming): Done {
    this.parts.metrics.seconds.observe((performance.now() - startedAt) / 1000);
    if (outcome.kind === "rejected") {
      this.parts.metrics.messages.inc({ outcome: "rejected" });
      this.parts.outbox.push({ output: "deadLetter", body: deadLetter(outcome.reason, body) });
      return { kept: undefined };
    }
    if (outcome.kind === "skipped") {
      this.parts.metrics.messages.inc({ outcome: outcome.reason });
      return { kept: undefined };
    }
    const { alerts, machineId, isBacklog, scored } = outcome;
    this.parts.metrics.messages.inc({ outcome: isBacklog ? "backlog" : "scored" });
    for (const signal of Object.keys(scored.problems ?? {})) this.parts.metrics.signalProblems.inc({ signal });
    const kept = alerts.length > 0 ? this.parts.keep(alerts, machineId) : undefined;
    const leaving = this.parts.scoredOutput.take(scored);
    if (leaving) this.parts.outbox.push({ output: "scoredOutput", body: JSON.stringify(leaving) });
    return { kept };
  }
}

function deadLetter(reason: string, body: Buffer): string {
  return JSON.stringify({
    reason,
    receivedAt: new Date().toISOString(),
    bytes: body.length,
    body: body.subarray(0, PREVIEW).toString("utf8"),
  });
}
