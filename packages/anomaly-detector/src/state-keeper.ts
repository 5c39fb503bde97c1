import type { AlertDelivery } from "./alert-delivery";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { type Models, ROLES } from "./models/models";
import type { Persistence } from "./persistence";
import type { Pipeline } from "./pipeline";
import type { Twin } from "./twin";

export interface StateKeeperParts {
  readonly pipeline: Pipeline;
  readonly persistence: Persistence;
  readonly twin: Twin;
  readonly models: Models;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly alertDelivery: AlertDelivery;
  /** Resolves when no model is being brought. */
  readonly settled: () => Promise<void>;
}

/** Saves the module's state, and goes on from it after a restart. */
export class StateKeeper {
  /** The module's clock less `performance.now()`. */
  private clockBase = 0;

  public constructor(private readonly parts: StateKeeperParts) {}

  /** Milliseconds of the module's own clock: it goes on where the last run ended, whatever the device's clock does. */
  public clockMs(): number {
    return this.clockBase + performance.now();
  }

  /** Saves the state. Never throws: a full disk is logged and told, and scoring goes on. */
  public async save(): Promise<void> {
    const isSaved = await this.parts.persistence.save(
      () => ({
        engine: this.parts.pipeline.header(),
        clockMs: this.clockMs(),
        desired: this.parts.twin.desired,
        previousModels: Object.fromEntries(
          ROLES.flatMap((role) => {
            const { previous } = this.parts.models.slots[role];
            return previous ? [[role, previous]] : [];
          }),
        ),
      }),
      () => this.parts.pipeline.entries(),
    );
    this.parts.metrics.saves.inc({ result: isSaved ? "saved" : "failed" });
  }

  /** Goes on where the last run ended: with its configuration, its models if they are cached, and its state. */
  public async load(): Promise<void> {
    const { state, alerts, machines } = await this.parts.persistence.recover();
    this.clockBase = (state?.header.clockMs ?? 0) - performance.now();
    if (state) {
      const { header } = state;
      for (const role of ROLES) this.parts.models.slots[role].previous = header.previousModels[role];
      const isKnown = await this.parts.twin.restore(header.desired);
      // A model in the cache is in use within a second; its windows are restored with the machines.
      await Promise.race([this.parts.settled(), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
      const isSame = isKnown && JSON.stringify(header.engine) === JSON.stringify(this.parts.pipeline.header());
      if (!isSame)
        this.parts.log("warn", "machines not restored", { reason: "they are of another detector or settings" });
      const saved = new Map(isSame ? [...state.machines, ...machines] : []);
      let refused = 0;
      for (const [machineId, snapshot] of saved) {
        if (this.parts.pipeline.restore(machineId, snapshot) !== undefined) refused++;
      }
      this.parts.log("info", "state loaded", {
        machines: saved.size - refused,
        refused,
        pendingAlerts: alerts.length,
      });
    }
    this.parts.alertDelivery.send(this.parts.persistence.forgotten(this.parts.pipeline.openEpisodeIds()));
    await this.save();
  }
}
