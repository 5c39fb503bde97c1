import { isMeasurable, NOT_READY, type Verdict } from "./detector";
import { createTailState, isTailReady, type TailState, updateTail } from "./tail";

export interface OnnxParameters {
  /** Messages that the model sees at once. */
  readonly window: number;
  /** Signals in each message. */
  readonly dimensions: number;
  /** Percent, 50 to below 100. */
  readonly confidence: number;
}

export interface OnnxState {
  /** The last complete messages, oldest first, at most window * dimensions numbers. */
  readings: number[];
  tail: TailState;
}

export interface OnnxVerdict extends Verdict {
  /** -log10 of the chance of so high a score, 0 to 16. */
  readonly evidence: number;
}

const SHARE = 0.03;

export function createOnnxState(): OnnxState {
  return { readings: [], tail: createTailState() };
}

/**
 * Takes one message and returns the model's input, window times dimensions numbers, oldest message first; nothing until
 * the window is full. A message without all signals is left out.
 */
export function pushOnnxReading(
  state: OnnxState,
  parameters: OnnxParameters,
  values: readonly number[],
): Float32Array | undefined {
  if (values.length !== parameters.dimensions || !values.every(isMeasurable)) return undefined;
  state.readings.push(...values);
  const size = parameters.window * parameters.dimensions;
  if (state.readings.length > size) state.readings.splice(0, state.readings.length - size);
  return state.readings.length === size ? Float32Array.from(state.readings) : undefined;
}

const NOT_READY_ONNX: OnnxVerdict = { ...NOT_READY, evidence: 0 };

/**
 * Judges the score that a model gave, whatever its scale, by the scores that it gave before: a model need only rank
 * anomalies above normal messages, and needs no threshold of its own.
 *
 * Score: the model's own; higher is more anomalous. Anomalous when its tail makes it rarer than `confidence`.
 * Cost: 10 ns besides the model.
 */
export function judgeOnnxScore(state: OnnxState, parameters: OnnxParameters, score: number): OnnxVerdict {
  if (!isMeasurable(score)) return NOT_READY_ONNX;
  const ready = isTailReady(state.tail);
  // The tail takes statistics that are not negative; a score's distance above 0 is what counts.
  const evidence = updateTail(state.tail, SHARE, Math.max(score, 0));
  return { isAnomaly: ready && evidence >= -Math.log10(1 - parameters.confidence / 100), score, ready, evidence };
}
