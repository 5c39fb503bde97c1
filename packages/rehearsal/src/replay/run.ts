import { once } from "node:events";
import { basename } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { RecordedReading } from "../data/order";
import { DataError } from "../data/faults";
import { openRecording, type RecordingOptions } from "../data/recording";
import { DownstreamMeter } from "../downstream/downstream";
import type { AlertEvent, RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { Series } from "../report/series";
import type { Label } from "./labels";
import { Replay } from "./replay";
import { isSameInterval, sampleIntervalOf, withSampleInterval } from "./sample-interval";
import { type AlertCounts, type ReplaySummary, SUMMARY_VERSION } from "./summary";

export interface ReplayOptions extends RecordingOptions {
  /** Sample interval that windows are made for, in seconds. @default - the data's median */
  readonly intervalSeconds?: number;
  /** Times as fast as recorded. @default - as fast as it goes */
  readonly speed?: number;
  readonly labels?: readonly Label[];
  /** Takes each alert as a line of JSON. */
  readonly verdicts?: Writable;
  readonly onEvent?: (event: RehearsalEvent) => void;
  readonly onProgress?: (rows: number, alerts: number) => void;
  readonly signal?: AbortSignal;
}

/** A signal of a machine, drawn, with the alerts that opened on it. */
export interface Picture {
  readonly machineId: string;
  readonly signal: string;
  readonly unit?: string;
  readonly series: Series;
}

export interface ReplayResult {
  readonly summary: ReplaySummary;
  /** Alerts that opened, in order of time; of a storm the first {@link MAX_ALERTS}. */
  readonly alerts: readonly AlertEvent[];
  readonly alertsCut: number;
  readonly pictures: readonly Picture[];
  readonly picturesCut: number;
}

/** Alerts that are held for reports and comparisons. */
export const MAX_ALERTS = 200_000;
const MAX_PICTURES = 24;
const PROGRESS_ROWS = 50_000;

/**
 * Replays a file of recorded measurements through a device's deployment.
 *
 * @throws DataError where the file cannot be read, or nothing in it can be replayed
 */
export async function replayFile(
  file: string,
  given: RehearsalInput,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const recording = await openRecording(file, given, options);
  const { input, intervalSeconds, note } = forInterval(given, options.intervalSeconds ?? recording.intervalSeconds);
  const meter = new DownstreamMeter(input);
  const collector = new Collector(input, intervalSeconds, options);
  const replay = new Replay(input, {
    onEvent: (event) => {
      collector.take(event);
      options.onEvent?.(event);
    },
    onUpstream: (message) => {
      meter.add(message);
    },
  });
  const pace = pacer(options.speed);
  let nextProgress = PROGRESS_ROWS;
  for await (const batch of recording.readings) {
    for (const reading of batch) {
      if (pace !== undefined) await pace(reading, options.signal);
      replay.push(reading);
    }
    if (options.signal?.aborted === true) break;
    await collector.flush();
    if (recording.rows >= nextProgress) {
      options.onProgress?.(recording.rows, collector.opened);
      nextProgress = recording.rows + PROGRESS_ROWS;
    }
  }
  replay.finish();
  await collector.flush();
  const { faults, rows } = recording;
  if (replay.counts.readings === 0) {
    const reasons = faults.map((fault) => `${fault.count} × ${fault.meaning} (first in line ${fault.firstLine})`);
    throw new DataError(`none of ${rows} rows can be replayed:\n${reasons.join("\n")}`);
  }
  const { fromMs, toMs } = collector;
  const downstream = meter.summary(replay.counts.rawBytes, fromMs, toMs);
  const { jobFailure, refused, unrouted } = replay.counts;
  const summary: ReplaySummary = {
    version: SUMMARY_VERSION,
    environment: input.environment,
    deviceId: input.deviceId,
    data: {
      file: basename(file),
      rows,
      readings: replay.counts.readings,
      machines: collector.machineCount,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      days: downstream.days,
      intervalSeconds,
      faults,
    },
    notes: [...recording.notes, ...note, ...notesOf(input), ...input.notes],
    alerts: {
      ...(input.detector && { detector: collector.counts("detector", downstream.days) }),
      ...(input.streamAnalytics && { streamAnalytics: collector.counts("streamAnalytics", downstream.days) }),
    },
    ...(options.labels && { labels: collector.labels(downstream.days) }),
    downstream,
    notDelivered: { noRoute: unrouted, refused: Object.fromEntries(refused) },
    ...(jobFailure !== undefined && { jobFailure }),
  };
  return { summary, ...collector.result() };
}

/** The deployment with the query's windows made for the data's interval. */
function forInterval(
  input: RehearsalInput,
  measured: number | undefined,
): { readonly input: RehearsalInput; readonly intervalSeconds: number; readonly note: readonly string[] } {
  const { streamAnalytics } = input;
  const own = (streamAnalytics && sampleIntervalOf(streamAnalytics.query)) ?? input.sensor.intervalSeconds;
  if (measured === undefined) return { input, intervalSeconds: own, note: [] };
  const rounded = Number(measured.toPrecision(6));
  if (streamAnalytics === undefined || isSameInterval(own, measured))
    return { input, intervalSeconds: rounded, note: [] };
  return {
    input: {
      ...input,
      streamAnalytics: { ...streamAnalytics, query: withSampleInterval(streamAnalytics.query, rounded) },
    },
    intervalSeconds: rounded,
    note: [
      `the data have a sample each ${rounded} s and the query is made for one each ${own} s: its windows are made as long as ` +
        `the same number of samples takes (--interval ${own} leaves them as they are)`,
    ],
  };
}

function notesOf({ detector }: RehearsalInput): string[] {
  return detector?.desired.model === undefined
    ? []
    : ["the trained model of the ML module is not run in a replay; its detectors are"];
}

/** Waits until it is the reading's turn, at most a minute at once. */
function pacer(
  speed: number | undefined,
): ((reading: RecordedReading, signal?: AbortSignal) => Promise<void>) | undefined {
  if (speed === undefined) return undefined;
  let origin: { readonly recorded: number; readonly real: number } | undefined;
  return async ({ timeMs }, signal) => {
    origin ??= { recorded: timeMs, real: performance.now() };
    const due = origin.real + (timeMs - origin.recorded) / speed;
    for (let wait = due - performance.now(); wait > 1; wait = due - performance.now()) {
      if (signal?.aborted === true) return;
      await pause(Math.min(wait, 60_000), undefined, signal && { signal }).catch(() => undefined);
    }
  };
}

type Source = AlertEvent["source"];

/** Gathers what reports and comparisons need, in bounded memory. */
class Collector {
  public fromMs = Infinity;
  public toMs = -Infinity;
  public opened = 0;
  private readonly machines = new Set<string>();
  private readonly alerts: AlertEvent[] = [];
  private readonly pictures = new Map<string, Picture>();
  private readonly cut = new Set<string>();
  private readonly tallies = new Map<
    Source,
    { alerts: number; outside: number; machines: Map<string, number>; signals: Map<string, number> }
  >();
  private readonly found: { readonly label: Label; readonly firstAlert: Partial<Record<Source, number>> }[];
  private readonly open = new Map<string, number>();
  private lines: string[] = [];

  public constructor(
    private readonly input: RehearsalInput,
    private readonly intervalSeconds: number,
    private readonly options: ReplayOptions,
  ) {
    this.found = (options.labels ?? []).map((label) => ({ label, firstAlert: {} }));
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
      this.coverLabels(event);
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
      ...(this.options.labels && { outsideLabelsADay: (tally?.outside ?? 0) / days }),
    };
  }

  public labels(days: number): NonNullable<ReplaySummary["labels"]> {
    const failures = this.found.map(({ label, firstAlert }) => ({ ...label, firstAlert }));
    const sources = (["detector", "streamAnalytics"] as const).filter((source) => this.input[source] !== undefined);
    const bySource = sources.map((source) => {
      const rate = this.counts(source, days).outsideLabelsADay ?? 0;
      const byChance = failures.reduce(
        (sum, { from, to }) => sum + 1 - Math.exp((-rate * (to - from)) / 86_400_000),
        0,
      );
      return [
        source,
        { found: failures.filter(({ firstAlert }) => firstAlert[source] !== undefined).length, byChance },
      ] as const;
    });
    return { of: failures.length, bySource: Object.fromEntries(bySource), failures };
  }

  public result(): Omit<ReplayResult, "summary"> {
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
      outside: 0,
      machines: new Map<string, number>(),
      signals: new Map<string, number>(),
    };
    this.tallies.set(event.source, tally);
    tally.alerts += 1;
    tally.machines.set(event.machineId, (tally.machines.get(event.machineId) ?? 0) + 1);
    const signal = event.signal ?? "";
    tally.signals.set(signal, (tally.signals.get(signal) ?? 0) + 1);
    let isInside = false;
    for (const { label, firstAlert } of this.found) {
      if (event.time < label.from || event.time > label.to) continue;
      isInside = true;
      firstAlert[event.source] ??= event.time;
    }
    if (!isInside) tally.outside += 1;
  }

  /** An episode that is open when a failure begins has found it as well. */
  private coverLabels({ phase, source, episodeId, time }: AlertEvent): void {
    if (source !== "detector" || this.found.length === 0) return;
    if (phase === "opened") this.open.set(episodeId, time);
    if (phase !== "closed") return;
    const since = this.open.get(episodeId);
    this.open.delete(episodeId);
    for (const { label, firstAlert } of this.found) {
      if (since !== undefined && since < label.from && time >= label.from) firstAlert.detector = since;
    }
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
