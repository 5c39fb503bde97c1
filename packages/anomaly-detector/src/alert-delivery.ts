import type { Alert } from "./engine";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { OutboxMessage } from "./outbox";
import type { Persistence } from "./persistence";
import type { Pipeline } from "./pipeline";

export interface AlertDeliveryParts {
  readonly pipeline: Pipeline;
  readonly persistence: Persistence;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Counts and logs alerts, and hands them over to be kept with the state of their machine and sent. */
export class AlertDelivery {
  public constructor(private readonly parts: AlertDeliveryParts) {}

  /** Sends alerts that no message raised, each machine's together. */
  public send(alerts: readonly Alert[]): void {
    const byMachine = new Map<string, Alert[]>();
    for (const alert of alerts) byMachine.set(alert.machineId, [...(byMachine.get(alert.machineId) ?? []), alert]);
    for (const [machineId, own] of byMachine) void this.keep(own, machineId);
  }

  /** Resolves when the alerts of a machine cannot be lost. */
  public keep(alerts: readonly Alert[], machineId: string): Promise<void> {
    const messages = alerts.map((alert): OutboxMessage => {
      const { detector, phase, machineId: of, signal, episodeId } = alert;
      this.parts.metrics.alerts.inc({ detector, phase });
      this.parts.log("info", "alert", { detector, phase, machineId: of, signal, episodeId });
      return { output: "anomalyOutput", body: JSON.stringify(alert) };
    });
    return this.parts.persistence.keep(messages, machineId, this.parts.pipeline.snapshot(machineId));
  }
}
