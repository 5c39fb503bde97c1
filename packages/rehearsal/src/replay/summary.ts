import type { Fault } from "../data/faults";
import type { DownstreamSummary } from "../downstream/downstream";
import type { LabelResult } from "./labels";
import type { SensitivityRow } from "./sensitivity";

/** Changes when a key changes its meaning or goes; new keys do not change it. */
export const SUMMARY_VERSION = 1;

/** Alerts of one source. */
export interface AlertCounts {
  /** Episodes of the detector; rows of the Stream Analytics job. */
  readonly alerts: number;
  readonly alertsADay: number;
  readonly byMachine: Readonly<Record<string, number>>;
  readonly bySignal: Readonly<Record<string, number>>;
  /** What opened outside of all known failures, a day; only with labels. */
  readonly outsideLabelsADay?: number;
}

/** What `summary.json` holds. Times are ISO 8601 in UTC unless said otherwise. */
export interface ReplaySummary {
  readonly version: typeof SUMMARY_VERSION;
  readonly environment: string;
  readonly deviceId: string;
  readonly data: {
    readonly file: string;
    readonly rows: number;
    readonly readings: number;
    readonly machines: number;
    readonly from?: string;
    readonly to?: string;
    readonly days: number;
    /** Sample interval that the query's windows were made for, in seconds. */
    readonly intervalSeconds: number;
    readonly faults: readonly Fault[];
  };
  /** What was recognised, assumed and left out: sentences. */
  readonly notes: readonly string[];
  readonly alerts: { readonly detector?: AlertCounts; readonly streamAnalytics?: AlertCounts };
  /** Known failures; times in milliseconds since 1970. */
  readonly labels?: {
    readonly of: number;
    /** Failures that each source has an alert in, and how many it would have by chance, at its rate outside of them. */
    readonly bySource: Readonly<
      Partial<Record<"detector" | "streamAnalytics", { readonly found: number; readonly byChance: number }>>
    >;
    readonly failures: readonly LabelResult[];
  };
  /** What other settings would find, where it was asked for. */
  readonly sensitivity?: readonly SensitivityRow[];
  readonly downstream: DownstreamSummary;
  /** Sensor messages and alerts that no route took, and messages that the detector did not score, by reason. */
  readonly notDelivered: { readonly noRoute: number; readonly refused: Readonly<Record<string, number>> };
  /** Why the Stream Analytics job stopped, where it did. */
  readonly jobFailure?: string;
}
