import type { Configuration } from "./configuration";
import type { ScoredMessage } from "./pipeline";

/** What `scoredOutput` tells of one signal over a while. */
interface SignalSummary {
  /** Mean of the readings. */
  readonly value: number;
  /** Highest score. */
  readonly score: number;
  readonly min: number;
  readonly max: number;
}

/** A machine's scores over a while, where `scoredOutput` is aggregated. Readers of single scores find their keys. */
export interface ScoredSummary {
  /** Time of the last message. */
  readonly eventTime: string;
  readonly startTime: string;
  readonly machineId: string;
  readonly messages: number;
  readonly anomalousMessages: number;
  readonly isAnomaly: boolean;
  /** Highest score. */
  readonly score: number;
  readonly signals: Readonly<Record<string, SignalSummary>>;
}

interface Running {
  first: string;
  last: string;
  messages: number;
  anomalous: number;
  score: number;
  readonly signals: Map<string, { sum: number; count: number; min: number; max: number; score: number }>;
}

/** Decides which scores leave, and gathers them where a summary does. */
export class ScoredOutput {
  private readonly counts = new Map<string, { messages: number; isAnomaly: boolean }>();
  private readonly running = new Map<string, Running>();
  private settings: Configuration["scoredOutput"];

  public constructor({ scoredOutput }: Configuration) {
    this.settings = scoredOutput;
  }

  /** Takes new settings; returns the summaries that are due where scores are no longer aggregated. */
  public configure({ scoredOutput }: Configuration): ScoredSummary[] {
    const before = this.settings.mode;
    this.settings = scoredOutput;
    this.counts.clear();
    return before === "aggregated" && scoredOutput.mode !== "aggregated" ? this.flush() : [];
  }

  /** What is to be sent of a scored message now: itself, or nothing. */
  public take(scored: ScoredMessage): ScoredMessage | undefined {
    switch (this.settings.mode) {
      case "all":
        return scored;
      case "off":
        return undefined;
      case "sampled":
        return this.isSampled(scored) ? scored : undefined;
      case "aggregated":
        this.gather(scored);
        return undefined;
    }
  }

  /** Ends all summaries that are being gathered. */
  public flush(): ScoredSummary[] {
    const summaries = [...this.running].map(([machineId, running]) => summarize(machineId, running));
    this.running.clear();
    return summaries;
  }

  /** Forgets machines that are no more. */
  public retain(isKnown: (machineId: string) => boolean): void {
    for (const machineId of this.counts.keys()) if (!isKnown(machineId)) this.counts.delete(machineId);
  }

  /** One in `every` of a machine, and each with which an anomaly begins or ends. */
  private isSampled({ machineId, isAnomaly }: ScoredMessage): boolean {
    const known = this.counts.get(machineId);
    if (!known) {
      this.counts.set(machineId, { messages: 1, isAnomaly });
      return true;
    }
    const isChange = known.isAnomaly !== isAnomaly;
    known.isAnomaly = isAnomaly;
    return known.messages++ % this.settings.every === 0 || isChange;
  }

  private gather({ machineId, eventTime, isAnomaly, score, signals }: ScoredMessage): void {
    let running = this.running.get(machineId);
    if (!running) {
      running = { first: eventTime, last: eventTime, messages: 0, anomalous: 0, score: 0, signals: new Map() };
      this.running.set(machineId, running);
    }
    running.last = eventTime;
    running.messages++;
    if (isAnomaly) running.anomalous++;
    running.score = Math.max(running.score, score);
    for (const [name, signal] of Object.entries(signals)) {
      const known = running.signals.get(name);
      if (!known) {
        const { value } = signal;
        running.signals.set(name, { sum: value, count: 1, min: value, max: value, score: signal.score });
        continue;
      }
      known.sum += signal.value;
      known.count++;
      known.min = Math.min(known.min, signal.value);
      known.max = Math.max(known.max, signal.value);
      known.score = Math.max(known.score, signal.score);
    }
  }
}

function summarize(machineId: string, running: Running): ScoredSummary {
  const signals = [...running.signals].map(([name, { sum, count, min, max, score }]) => [
    name,
    { value: sum / count, score, min, max },
  ]);
  return {
    eventTime: running.last,
    startTime: running.first,
    machineId,
    messages: running.messages,
    anomalousMessages: running.anomalous,
    isAnomaly: running.anomalous > 0,
    score: running.score,
    signals: Object.fromEntries(signals) as Record<string, SignalSummary>,
  };
}
