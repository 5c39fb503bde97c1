import { once } from "node:events";
import type { Writable } from "node:stream";
import type { AlertEvent, RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { Series } from "../report/series";
import { FoundFailures } from "./found-failures";
import type { Label } from "./labels";
import type { AlertCounts, ReplaySummary } from "./summary";

/** A signal of a machine, drawn, with the alerts that opened on it. */
export interface Picture {
  readonly machineId: string;
  readonly signal: string;
  readonly unit?: string;
  readonly series: Series;
}

/** What reports and comparisons are made from. */
export interface Collected {
  /** Alerts that opened, in order of time; of a storm the first {@link MAX_ALERTS}. */
  readonly alerts: readonly AlertEvent[];
  readonly alertsCut: number;
  readonly pictures: readonly Picture[];
  readonly picturesCut: number;
}

export interface CollectorOptions {
  readonly labels?: readonly Label[];
  /** Takes each alert as a line of JSON. */
  readonly verdicts?: Writable;
}

/** Alerts that are held for reports and comparisons. */
export const MAX_ALERTS = 200_000;
const MAX_PICTURES = 24;

type Source = AlertEvent["source"];

/** Gathers what reports and comparisons need, in bounded memory. */
export class Collector {
  public fromMs = Infinity;
  public toMs = -Infinity;
  public opened = 0;
  private readonly machines = new Set<string>();
  private readonly alerts: AlertEvent[] = [];
  private readonly pictures = new Map<string, Picture>();
  private readonly cut = new Set<string>();
  private readonly tallies = new Map<
    Source,
    { alerts: number; machines: Map<string, number>; signals: Map<string, number> }
  >();
  private readonly found: Readonly<Record<Source, FoundFailures>>;
  private lines: string[] = [];

  public constructor(
    private readonly input: RehearsalInput,
    private readonly intervalSeconds: number,
    private readonly options: CollectorOptions,
  ) {
    const labels = options.labels ?? [];
    this.found = { detector: new FoundFailures(labels), streamAnalytics: new FoundFailures(labels) };
  }

  public get machineCount(): number {
    return this.machines.size;
  }

  public take(event: RehearsalEvent): void {
    if (event.kind === "reading") {
      this.fromMs = Math.min(this.fromMs, event.time);
      this.toMs = Math.max(this.toMs, event.time);
      this.machines.add(event.machineId);
      for (const { name, unit } of this.input.signals) {
        const value = event.signals[name];
        if (value === null || value === undefined) continue;
        this.pictureOf(event.machineId, name, unit)?.series.add(event.time, value, event.expected?.[name]);
      }
    } else if (event.kind === "alert") {
      if (this.options.verdicts !== undefined) this.lines.push(`${JSON.stringify(event)}\n`);
      if (event.phase === "opened") this.countAlert(event);
      this.found[event.source].take(event);
    }
  }

  public async flush(): Promise<void> {
    const { verdicts } = this.options;
    if (verdicts === undefined || this.lines.length === 0) return;
    const text = this.lines.join("");
    this.lines = [];
    if (!verdicts.write(text)) await once(verdicts, "drain");
  }

  public counts(source: Source, days: number): AlertCounts {
    const tally = this.tallies.get(source);
    return {
      alerts: tally?.alerts ?? 0,
      alertsADay: (tally?.alerts ?? 0) / days,
      byMachine: Object.fromEntries(tally?.machines ?? []),
      bySignal: Object.fromEntries(tally?.signals ?? []),
      ...(this.options.labels && { outsideLabelsADay: this.found[source].outside / days }),
    };
  }

  public labels(days: number): NonNullable<ReplaySummary["labels"]> {
    const { found } = this;
    const sources = (["detector", "streamAnalytics"] as const).filter((source) => this.input[source] !== undefined);
    const failures = (this.options.labels ?? []).map((label, index) => ({
      ...label,
      firstAlert: Object.fromEntries(
        sources.flatMap((source) => {
          const time = found[source].firstAlerts[index];
          return time === undefined ? [] : [[source, time]];
        }),
      ),
    }));
    const bySource = sources.map(
      (source) => [source, { found: found[source].count, byChance: found[source].byChance(days) }] as const,
    );
    return { of: failures.length, bySource: Object.fromEntries(bySource), failures };
  }

  public result(): Collected {
    return {
      alerts: this.alerts,
      alertsCut: this.opened - this.alerts.length,
      pictures: [...this.pictures.values()],
      picturesCut: this.cut.size,
    };
  }

  private countAlert(event: AlertEvent): void {
    this.opened += 1;
    if (this.alerts.length < MAX_ALERTS) this.alerts.push(event);
    const tally = this.tallies.get(event.source) ?? {
      alerts: 0,
      machines: new Map<string, number>(),
      signals: new Map<string, number>(),
    };
    this.tallies.set(event.source, tally);
    tally.alerts += 1;
    tally.machines.set(event.machineId, (tally.machines.get(event.machineId) ?? 0) + 1);
    const signal = event.signal ?? "";
    tally.signals.set(signal, (tally.signals.get(signal) ?? 0) + 1);
  }

  private pictureOf(machineId: string, signal: string, unit: string | undefined): Picture | undefined {
    const key = `${machineId}\n${signal}`;
    const known = this.pictures.get(key);
    if (known !== undefined) return known;
    if (this.pictures.size >= MAX_PICTURES) {
      if (this.cut.size < 100_000) this.cut.add(key);
      return undefined;
    }
    const picture: Picture = {
      machineId,
      signal,
      ...(unit !== undefined && { unit }),
      series: new Series(this.intervalSeconds),
    };
    this.pictures.set(key, picture);
    return picture;
  }
}
