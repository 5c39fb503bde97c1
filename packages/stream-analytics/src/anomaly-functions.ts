import { type AnomalyCall } from "./syntax";

/** The record that an anomaly function returns: 1 or 0, and the score in the function's own terms. */
export interface AnomalyResult {
  readonly IsAnomaly: 0 | 1;
  readonly Score: number;
}

/** One anomaly function over one series. */
export interface AnomalyModel {
  /** Scores the value against the ones before it, then learns it. */
  update(value: number): AnomalyResult;
  /** Forgets the oldest values, which have left the time window. */
  forget(count: number): void;
}

/** Makes the model behind a call; the functions themselves are given to the evaluator. */
export type AnomalyModels = (call: Pick<AnomalyCall, "form" | "confidence" | "historySize" | "mode">) => AnomalyModel;

/** A call in a running job: a model, and the times of the values that it holds. */
export class AnomalyWindow {
  private readonly model: AnomalyModel;
  private readonly times: number[] = [];

  constructor(
    private readonly call: AnomalyCall,
    models: AnomalyModels,
  ) {
    this.model = models(call);
  }

  /** `time` in milliseconds, at least that of the value before. */
  update(value: number, time: number): AnomalyResult {
    const expired = this.times.findIndex((past) => past > time - this.call.durationMs);
    const count = expired === -1 ? this.times.length : expired;
    if (count > 0) {
      this.model.forget(count);
      this.times.splice(0, count);
    }
    const result = this.model.update(value);
    this.times.push(time);
    if (this.times.length > this.call.historySize) this.times.shift();
    return result;
  }
}
