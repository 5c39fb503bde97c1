import {
  type ChangePointState,
  createChangePointState,
  updateChangePoint,
} from "@edge-anomaly-detection/anomaly-detector";
import type { RingState } from "@edge-anomaly-detection/anomaly-detector";
import { createSpikeAndDipState, updateSpikeAndDip } from "@edge-anomaly-detection/anomaly-detector";
import type { AnomalyModel, AnomalyModels, AnomalyResult } from "@edge-anomaly-detection/stream-analytics";

/**
 * `AnomalyDetection_SpikeAndDip` and `AnomalyDetection_ChangePoint` by the ML module's own forms of them, which its tests
 * hold against ML.NET. The one file that knows where they are.
 */
export const anomalyModels: AnomalyModels = (call) => {
  const { confidence, historySize } = call;
  if (call.form === "spikeAndDip") {
    const state = createSpikeAndDipState();
    const parameters = { confidence, historySize, mode: call.mode } as const;
    return modelOf(
      (value) => updateSpikeAndDip(state, parameters, value),
      (count) => {
        forgetOldest(state, count);
      },
    );
  }
  let state: ChangePointState = createChangePointState();
  return modelOf(
    (value) => updateChangePoint(state, { confidence, historySize }, value),
    (count) => {
      forgetOldest(state.history, count);
      if (state.history.values.length === 0) state = createChangePointState();
    },
  );
};

interface Verdict {
  readonly isAnomaly: boolean;
  readonly score: number;
}

function modelOf(update: (value: number) => Verdict, forget: (count: number) => void): AnomalyModel {
  return {
    update: (value): AnomalyResult => {
      const { isAnomaly, score } = update(value);
      return { IsAnomaly: isAnomaly ? 1 : 0, Score: score };
    },
    forget,
  };
}

function forgetOldest(ring: RingState, count: number): void {
  const oldestFirst = [...ring.values.slice(ring.next), ...ring.values.slice(0, ring.next)];
  ring.values = oldestFirst.slice(count);
  ring.next = 0;
}
