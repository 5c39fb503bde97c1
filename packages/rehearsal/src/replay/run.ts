import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RecordedReading } from "../data/order";
import { DataError } from "../data/faults";
import { openRecording, type RecordingOptions } from "../data/recording";
import { DownstreamMeter } from "../downstream/downstream";
import type { RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { type Collected, Collector, type CollectorOptions } from "./collector";
import { Replay } from "./replay";
import { isSameInterval, sampleIntervalOf, withSampleInterval } from "./sample-interval";
import { type ReplaySummary, SUMMARY_VERSION } from "./summary";

export interface ReplayOptions extends RecordingOptions, CollectorOptions {
  /** Sample interval that windows are made for, in seconds. @default - the data's median */
  readonly intervalSeconds?: number;
  /** Times as fast as recorded. @default - as fast as it goes */
  readonly speed?: number;
  readonly onEvent?: (event: RehearsalEvent) => void;
  readonly onProgress?: (rows: number, alerts: number) => void;
  readonly signal?: AbortSignal;
}

export interface ReplayResult extends Collected {
  readonly summary: ReplaySummary;
}

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
