import type { SPIKE_AND_DIP_MODES } from "@edge-anomaly-detection/detector-contract";
import { isMeasurable, NOT_READY, type Verdict } from "./detector";
import {
  createRingState,
  kernelBandwidth,
  pushRing,
  upperTailPValue,
  type RingState,
  windowMoments,
} from "./kernel-density";
import { normalQuantile } from "./math";

export type SpikeAndDipMode = (typeof SPIKE_AND_DIP_MODES)[number];

/** The arguments of Stream Analytics' `AnomalyDetection_SpikeAndDip(value, confidence, historySize, mode)`. */
export interface SpikeAndDipParameters {
  /** Percent, 50 to below 100: a reading is anomalous when its p-value is at most 1 - confidence / 100. */
  readonly confidence: number;
  /** Readings that the density is taken over, 2 to 10,000; there is no verdict before so many were seen. */
  readonly historySize: number;
  readonly mode: SpikeAndDipMode;
}

export type SpikeAndDipState = RingState;

export function createSpikeAndDipState(): SpikeAndDipState {
  return createRingState();
}

const P_VALUE: Readonly<Record<SpikeAndDipMode, (upperTail: number) => number>> = {
  spikes: (p) => p,
  dips: (p) => 1 - p,
  spikesanddips: (p) => Math.min(p, 1 - p),
};

/**
 * One reading against the kernel density of the readings before it, at most `historySize` of them.
 *
 * Score: the p-value, 1e-8 to 1; lower is more anomalous, as in Stream Analytics. Cost: O(historySize), 5 µs at 120.
 * The first verdict is that of reading number `historySize`, which is judged by the ones before it.
 * On a Gaussian history the rule is |z| >= sqrt(2) * Phi^-1(confidence): 2.33 standard deviations at 95, 3.29 at 99.
 *
 * Source: ML.NET's DetectIidSpike, which Microsoft describes in the words of the Stream Analytics function (adaptive
 * kernel density estimation, p-value score); that both are the same code is likely and nowhere said.
 */
export function updateSpikeAndDip(state: SpikeAndDipState, parameters: SpikeAndDipParameters, value: number): Verdict {
  if (!isMeasurable(value)) return NOT_READY;
  const p = upperTailPValue(state.values, value);
  const { mean, deviation } = windowMoments(state.values);
  pushRing(state, parameters.historySize, value);
  if (state.values.length < parameters.historySize) return NOT_READY;
  const score = P_VALUE[parameters.mode](p);
  const reach = Math.SQRT2 * quantileOf(parameters.confidence / 100) * Math.max(deviation, kernelBandwidth(0));
  return {
    isAnomaly: score <= 1 - parameters.confidence / 100,
    score,
    ready: true,
    expected: { low: mean - reach, high: mean + reach },
  };
}

/** The quantile takes a search, and one run asks for very few different ones. */
const quantiles = new Map<number, number>();

function quantileOf(p: number): number {
  let quantile = quantiles.get(p);
  if (quantile === undefined) {
    quantile = normalQuantile(p);
    quantiles.set(p, quantile);
  }
  return quantile;
}
