import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { checkConfiguration, type Configuration } from "../configuration";
import type { Alert } from "../engine";
import type { Log } from "../log";
import { WORKER_FILE } from "../models/process";
import { ModelSlot } from "../models/slot";
import { ModelStore } from "../models/store";
import { Pipeline } from "../pipeline";
import { columnsOf, type Format, formatOf, type Item, peek, readCsv, readNdjson } from "./records";

export interface DetectOptions {
  /** Folder that keeps fetched models, and has others as `SHA256/model.onnx`. @default - one for temporary files, and `models` */
  readonly models?: string;
  /** @default - by the first characters */
  readonly format?: Format;
  /** The configuration, or none where a CSV file's columns say what is measured. @default - the module's defaults */
  readonly configuration?: Configuration;
  /** The compiled file that runs a model. */
  readonly workerFile?: string;
  /** Told what is worth saying to a person: progress and what was guessed. */
  readonly onNote?: (note: string) => void;
}

/** What came of a recording. */
export interface Summary {
  readonly messages: number;
  readonly scored: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly backlog: number;
  readonly machines: number;
  readonly episodes: number;
  readonly alertsByKind: Readonly<Record<string, number>>;
  /** The most frequent reasons for rejections. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly firstTime?: string;
  readonly lastTime?: string;
}

/** Rows between two lines of progress. */
const PROGRESS_ROWS = 100_000;

/**
 * Runs the module's pipeline over a recording: JSON lines, or CSV with a header. Each verdict is one line with the
 * `output` that the module would send it to. A message without a time has the time of its reading; times are taken as
 * they are, in the past or the future, and without a zone as UTC.
 */
export async function detect(input: Readable, output: Writable, options: DetectOptions = {}): Promise<Summary> {
  const note = options.onNote ?? ((): void => undefined);
  let configuration = options.configuration ?? defaults({});
  let pipeline = new Pipeline(withoutModels(configuration));
  let slot: ModelSlot | undefined;
  const counts = { messages: 0, scored: 0, rejected: 0, duplicates: 0, backlog: 0, episodes: 0 };
  const machines = new Set<string>();
  const alertsByKind: Record<string, number> = {};
  const reasons = new Map<string, number>();
  let [firstTime, lastTime]: (string | undefined)[] = [];

  const write = async (line: Readonly<Record<string, unknown>>): Promise<void> => {
    if (!output.write(`${JSON.stringify(line)}\n`)) await once(output, "drain");
  };
  const writeAlerts = async (alerts: readonly Alert[]): Promise<void> => {
    for (const alert of alerts) {
      if (alert.phase === "opened") {
        counts.episodes++;
        const name = `${alert.detector} ${alert.signal}`;
        alertsByKind[name] = (alertsByKind[name] ?? 0) + 1;
      }
      await write({ output: "anomalyOutput", ...alert });
    }
  };
  const reject = async (line: number, reason: string): Promise<void> => {
    counts.rejected++;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    await write({ output: "deadLetter", line, reason });
  };

  const onHeader = (header: readonly string[], first: Readonly<Record<string, unknown>>): void => {
    if (options.configuration) return;
    const columns = columnsOf(header, first);
    if (!columns) return;
    configuration = defaults(columns);
    pipeline = new Pipeline(withoutModels(configuration));
    note(
      `signals: ${Object.keys(columns.signals).join(", ")}; time: ${columns.timePath} (from the header; --config decides otherwise)`,
    );
  };

  try {
    slot = await loadModel(configuration, options, pipeline);
    for await (const item of await itemsOf(input, options.format, onHeader)) {
      counts.messages++;
      if (counts.messages % PROGRESS_ROWS === 0) note(`${counts.messages} messages, ${counts.episodes} episodes`);
      if ("reason" in item) {
        await reject(item.line, item.reason);
        continue;
      }
      const arrival = { arrivedMs: Date.now(), deviceId: "device", isRecording: true };
      const prepared = pipeline.prepareObject(item.message, arrival);
      const modelInput = prepared.kind === "prepared" ? prepared.inputs?.model : undefined;
      const modelScore = slot && modelInput ? await slot.score(modelInput) : undefined;
      const outcome =
        prepared.kind === "prepared"
          ? pipeline.finish(prepared, modelScore === undefined ? {} : { model: modelScore })
          : prepared;
      if (outcome.kind === "rejected") await reject(item.line, outcome.reason);
      else if (outcome.kind === "skipped") counts.duplicates++;
      else {
        counts.scored++;
        if (outcome.isBacklog) counts.backlog++;
        machines.add(outcome.machineId);
        const { eventTime } = outcome.scored;
        if (firstTime === undefined || eventTime < firstTime) firstTime = eventTime;
        if (lastTime === undefined || eventTime > lastTime) lastTime = eventTime;
        await writeAlerts(outcome.alerts);
        await write({ output: "scoredOutput", ...outcome.scored });
      }
    }
    await writeAlerts(pipeline.closeAll());
  } finally {
    slot?.stop();
  }
  return {
    ...counts,
    machines: machines.size,
    alertsByKind,
    reasons: [...reasons].sort(([, a], [, b]) => b - a).slice(0, 3),
    ...(firstTime !== undefined && { firstTime }),
    ...(lastTime !== undefined && { lastTime }),
  };
}

/** A summary as people read it. */
export function describe(summary: Summary): string {
  const { messages, scored, rejected, duplicates, backlog, machines, episodes, alertsByKind, reasons } = summary;
  const span = summary.firstTime === undefined ? "" : `, ${summary.firstTime} to ${summary.lastTime ?? ""}`;
  const lines = [
    `${messages} messages: ${scored} scored of ${machines} ${machines === 1 ? "machine" : "machines"}${span}`,
    `${episodes} ${episodes === 1 ? "episode" : "episodes"}${episodes > 0 ? ":" : ""}`,
    ...Object.entries(alertsByKind)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `  ${count} × ${name}`),
  ];
  if (duplicates > 0) lines.push(`${duplicates} duplicates were left out`);
  if (backlog > 0) lines.push(`${backlog} older than the newest of their machine, scored as a backlog`);
  if (rejected > 0) lines.push(`${rejected} rejected:`, ...reasons.map(([reason, count]) => `  ${count} × ${reason}`));
  return `${lines.join("\n")}\n`;
}

async function itemsOf(
  input: Readable,
  format: Format | undefined,
  onHeader: Parameters<typeof readCsv>[1],
): Promise<AsyncGenerator<Item>> {
  let start = "";
  const whole = peek(input, (text) => (start = text));
  const first = await whole.next();
  const again = Readable.from(
    (async function* () {
      if (first.done !== true) yield first.value;
      yield* whole;
    })(),
    { objectMode: false },
  );
  return (format ?? formatOf(start)) === "csv" ? readCsv(again, onHeader) : readNdjson(again);
}

function defaults(desired: unknown): Configuration {
  const checked = checkConfiguration(desired, { memoryBytes: Infinity });
  if (!checked.ok) throw new Error("the columns of the header make no sound configuration: name signals with --config");
  return checked.configuration;
}

function withoutModels(configuration: Configuration): Configuration {
  const { model, shadowModel, ...settings } = configuration;
  return model || shadowModel ? settings : configuration;
}

async function loadModel(
  { model, signals }: Configuration,
  options: DetectOptions,
  pipeline: Pipeline,
): Promise<ModelSlot | undefined> {
  if (!model) return undefined;
  const directory = options.models ?? join(tmpdir(), "anomaly-detector-models");
  let reason = "";
  const log: Log = (_level, _event, details) => {
    if (typeof details?.reason === "string") ({ reason } = details as { reason: string });
  };
  const slot = new ModelSlot({
    role: "model",
    store: new ModelStore({ directory, imageDirectory: options.models ?? "models" }),
    workerFile: options.workerFile ?? WORKER_FILE,
    log,
    retryMs: 3_600_000,
    onChange: () => undefined,
    hasTimeShare: false,
  });
  const names = signals.map(({ name }) => name);
  slot.want(model, { signals: names, maxBytes: model.bytes ?? Infinity });
  while (slot.status.status === "fetching") await Promise.race([slot.settled(), sleep(50)]);
  if (!slot.inUse) {
    slot.stop();
    throw new Error(`model ${reason === "" ? slot.status.reason : reason}`);
  }
  pipeline.useModel("model", slot.inUse);
  return slot;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
