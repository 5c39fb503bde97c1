import { DETECTOR_VERSION } from "./engine";
import type { Models } from "./models/models";
import type { Outbox } from "./outbox";
import type { Persistence } from "./persistence";
import type { Pipeline } from "./pipeline";
import type { Health } from "./server";
import type { Twin } from "./twin";

/** Milliseconds for which evicted newcomers are told. */
const EVICTION_TOLD_MS = 3_600_000;
const SOUND_CLOCK_MS = Date.UTC(2025, 0);

export interface ConditionParts {
  readonly pipeline: Pipeline;
  readonly outbox: Outbox;
  readonly persistence: Persistence;
  readonly twin: Twin;
  readonly models: Models;
  readonly startedAt: string;
  readonly isConnected: () => boolean;
}

/** How the module is: for the health check, and for the direct method `status`. */
export class Condition {
  private eviction = { count: 0, at: -Infinity };

  public constructor(private readonly parts: ConditionParts) {}

  public health(): Health {
    const { outbox, persistence, twin, models, pipeline } = this.parts;
    const reasons: string[] = [];
    if (!this.parts.isConnected()) reasons.push(`not connected to the hub; ${persistence.unsent} messages wait`);
    if (outbox.dropped.alerts > 0) reasons.push(`${outbox.dropped.alerts} alerts were dropped`);
    reasons.push(...persistence.problems());
    if (twin.problem !== undefined) reasons.push("the twin's configuration was refused");
    reasons.push(...models.problems());
    const { evictedMachines } = pipeline;
    if (evictedMachines > this.eviction.count) this.eviction = { count: evictedMachines, at: performance.now() };
    if (performance.now() - this.eviction.at < EVICTION_TOLD_MS) {
      reasons.push(`more machine ids than maxMachines: ${evictedMachines} newcomers lost their place`);
    }
    if (Date.now() < SOUND_CLOCK_MS) reasons.push("the device's clock is not set: times in the future are not noticed");
    return { status: reasons.length === 0 ? "ok" : "degraded", reasons };
  }

  /** What the direct method `status` answers. */
  public status(): Readonly<Record<string, unknown>> {
    const { outbox, persistence, models, pipeline, startedAt } = this.parts;
    return {
      ...this.health(),
      detectorVersion: DETECTOR_VERSION,
      startedAt: startedAt,
      machines: pipeline.machineCount,
      warmingUp: pipeline.warmingUp,
      openEpisodes: pipeline.openEpisodes,
      evictedMachines: pipeline.evictedMachines,
      pendingMessages: persistence.unsent,
      droppedAlerts: outbox.dropped.alerts,
      droppedOthers: outbox.dropped.others,
      model: models.slots.model.status,
      shadowModel: models.slots.shadowModel.status,
    };
  }
}
