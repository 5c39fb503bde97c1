import { checkConfiguration, describeMistakes } from "@edge-anomaly-detection/anomaly-detector";
import type { Alert, Scored } from "@edge-anomaly-detection/anomaly-detector";
import { Pipeline } from "@edge-anomaly-detection/anomaly-detector";

export type { Alert, Scored };

export interface DetectorOutcome {
  readonly alerts: readonly Alert[];
  readonly scored?: Scored;
  /** Why a message was not scored. */
  readonly refused?: string;
}

/** The detector module's own pipeline, without a process around it. The one file of the replay that knows the module. */
export class ReplayedDetector {
  private readonly pipeline: Pipeline;

  /** @throws Error where the module refuses the twin, with its reasons */
  public constructor(desired: Readonly<Record<string, unknown>>) {
    const checked = checkConfiguration(desired);
    if (!checked.ok) {
      throw new Error(`the detector refuses its twin:\n${describeMistakes(checked.mistakes).join("\n")}`);
    }
    this.pipeline = new Pipeline(checked.configuration);
  }

  public score(message: unknown, timeMs: number, deviceId: string): DetectorOutcome {
    const prepared = this.pipeline.prepareObject(message, {
      arrivedMs: timeMs,
      clockMs: timeMs,
      deviceId,
      isRecording: true,
    });
    const outcome = prepared.kind === "prepared" ? this.pipeline.finish(prepared) : prepared;
    switch (outcome.kind) {
      case "rejected":
        return { alerts: [], refused: outcome.reason };
      case "skipped":
        return { alerts: [], refused: outcome.reason };
      case "scored":
        return { alerts: outcome.alerts, scored: outcome.scored };
    }
  }

  /** Lets time pass: a machine that sends nothing falls silent. */
  public tick(timeMs: number): readonly Alert[] {
    return this.pipeline.tick(timeMs);
  }

  /** The end of the recording ends what is open. */
  public finish(): readonly Alert[] {
    return this.pipeline.closeAll();
  }
}
