import { PATTERNS } from "@edge-anomaly-detection/detector-contract";
import { ALERT_OUTPUT, SCORE_INPUT, SENSOR_INPUT } from "@edge-anomaly-detection/edge-manifest-tools";
import { allDifferent, collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";

const MODES = ["spikes", "dips", "spikesanddips"] as const;
const KINDS = ["spikeAndDip", "changePoint"] as const;

/** Finds values that are out of line for a moment. */
export interface SpikeAndDip {
  /** Tells it from the other detector. */
  readonly kind: "spikeAndDip";
  /** How sure it must be, in percent, 1 to 100; a lower value reports more. */
  readonly confidence: number;
  /** How many samples it learns from, 10 to 10,000. It reports nothing worth having before it has seen as many. */
  readonly historySize: number;
  /** What to report. @default "spikesanddips" */
  readonly mode?: (typeof MODES)[number];
}

/** Finds a lasting change of level. */
export interface ChangePoint {
  /** Tells it from the other detector. */
  readonly kind: "changePoint";
  /** How sure it must be, in percent, 1 to 100; a lower value reports more. */
  readonly confidence: number;
  /** How many samples it learns from, 10 to 10,000. It reports nothing worth having before it has seen as many. */
  readonly historySize: number;
}

/** One of the two functions that Stream Analytics has for anomalies, in the cloud and on the edge. */
export type Detector = SpikeAndDip | ChangePoint;

/** A measured quantity. */
export interface Signal {
  /** What it is called in alerts: letters, digits and underscores, starting with a letter, at most 40. */
  readonly name: string;
  /** Where it is in the message, property names joined by dots: `machine.temperature`. */
  readonly path: string;
  /** What watches it, at most one of each kind. */
  readonly detectors: readonly Detector[];
}

/** Machines that send through the same device and must be judged apart. */
export interface Machines {
  /** Where a message says which machine it is from: `machine.id`. */
  readonly path: string;
  /** The values that stand there, 1 to 50. A machine that is not named here is not watched. */
  readonly ids: readonly string[];
}

/** What the query watches. */
export interface AnomalyQuery {
  /** Signals, at least one. @default `DEFAULT_SIGNALS` */
  readonly signals?: readonly Signal[];
  /** Seconds between two samples of a machine, 0.01 to 86,400. @default 5 */
  readonly sampleIntervalSeconds?: number;
  /** Where a message says when it was measured. @default "timeCreated" */
  readonly timestampPath?: string;
  /** Machines behind one device. @default - one machine, without a name */
  readonly machines?: Machines;
  /** Also pass on when an ML module begins to see an anomaly; its messages enter at `scoreInput`. @default false */
  readonly modelScores?: boolean;
}

/**
 * Temperature and pressure, where the simulated temperature sensor of IoT Edge sends them (`SimulatedTemperatureSensor` in
 * Azure/iotedge: one message each 5 s). 120 samples are ten minutes of it.
 */
export const DEFAULT_SIGNALS: readonly Signal[] = [
  { name: "temperature", path: "machine.temperature", detectors: standardDetectors() },
  { name: "pressure", path: "machine.pressure", detectors: standardDetectors() },
];

/** A third signal for machines that measure it; the simulated sensor does not. */
export const VIBRATION_SIGNAL: Signal = {
  name: "vibration",
  path: "machine.vibration",
  detectors: standardDetectors(),
};

/**
 * Measured with the functions' published form at a message each 5 s (`npm run bench:plant -- --part stream-analytics`), rows a
 * signal and day on white noise: spike and dip 400 at 95, 25 at 99, 1 at 99.9, none in 60,000 messages at 99.97, where spikes of
 * 8 standard deviations are still found; on noise with an exponential tail 22. Change point: none at 80, where steps of 3 standard
 * deviations are found, which are not at 90; on noise whose neighbours are correlated by 0.9, 35.
 */
function standardDetectors(): readonly Detector[] {
  return [
    { kind: "spikeAndDip", confidence: 99.97, historySize: 120 },
    { kind: "changePoint", confidence: 80, historySize: 120 },
  ];
}

const DEFAULT_INTERVAL_SECONDS = 5;
const DEFAULT_TIMESTAMP_PATH = "timeCreated";

/** Longest window of a Stream Analytics query, in seconds: seven days. */
const MAX_WINDOW_SECONDS = 7 * 86_400;

/** Aggregates that one step of an edge query takes (learn.microsoft.com/azure/stream-analytics/stream-analytics-edge, limitations). */
const MAX_FUNCTIONS_PER_STEP = 14;

/** What the query language takes without quotation marks; the ML module reads the same paths and takes no longer ones. */
const PATH_FORM = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const DETECTOR_PATH = new RegExp(PATTERNS.path);
const RESERVED = new Set(
  (
    "and apply as between by case cast create cross distinct duration else end from group having in inner into is join " +
    "left like limit not null on or order outer over partition select table then timestamp top union when where with"
  ).split(" "),
);

/** Mistakes in what a query shall watch. */
export function anomalyQueryProblems(query: AnomalyQuery): Problem[] {
  const signals = query.signals ?? DEFAULT_SIGNALS;
  const interval = query.sampleIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  const functions = signals.reduce((sum, signal) => sum + signal.detectors.length, 0);
  return [
    ...collect(
      problemIf(signals.length === 0, "signals", signals, "at least one signal", "name what is measured"),
      inRange(
        "sampleIntervalSeconds",
        interval,
        { min: 0.01, max: 86_400, unit: "seconds", whole: false },
        "write the time between two samples of one machine",
      ),
      pathFinding("timestampPath", query.timestampPath),
      allDifferent(
        signals.map(({ name }, index) => ({ path: `signals[${index}].name`, value: name })),
        "give each signal a name of its own; Stream Analytics does not tell upper from lower case",
      ),
      ...overlaps(signals),
      problemIf(
        functions > MAX_FUNCTIONS_PER_STEP,
        "signals",
        `${functions} detectors`,
        `at most ${MAX_FUNCTIONS_PER_STEP} detectors over all signals on an edge job`,
        "watch fewer signals, or with one detector each",
      ),
    ),
    ...signals.flatMap((signal, index) => under(`signals[${index}]`, signalProblems(signal, interval))),
    ...(query.machines === undefined ? [] : under("machines", machinesProblems(query.machines))),
  ];
}

function signalProblems(signal: Signal, interval: number): Problem[] {
  return [
    ...collect(
      hasForm(
        "name",
        signal.name,
        new RegExp(PATTERNS.signalName),
        "1 to 40 letters, digits and underscores, starting with a letter, and not a name that every JavaScript object has",
        "rename the signal; the name stands in queries and alerts",
      ),
      pathFinding("path", signal.path),
      problemIf(
        signal.detectors.length === 0,
        "detectors",
        signal.detectors,
        "at least one of spikeAndDip and changePoint",
        "name what watches the signal, or leave the signal out",
      ),
      allDifferent(
        signal.detectors.map(({ kind }, index) => ({ path: `detectors[${index}].kind`, value: kind })),
        "use each kind once",
      ),
    ),
    ...signal.detectors.flatMap((detector, index) =>
      under(`detectors[${index}]`, detectorProblems(detector, interval)),
    ),
  ];
}

function detectorProblems(detector: Detector, interval: number): Problem[] {
  return collect(
    oneOf("kind", detector.kind, KINDS, "choose what to look for"),
    inRange(
      "confidence",
      detector.confidence,
      { min: 1, max: 100, unit: "percent", whole: false },
      "start with 95 for spikeAndDip and 80 for changePoint",
    ),
    inRange(
      "historySize",
      detector.historySize,
      { min: 10, max: 10_000, unit: "samples" },
      "choose how many samples it learns from; its cost grows with them",
    ),
    "mode" in detector ? oneOf("mode", detector.mode, MODES, "choose what to report") : undefined,
    problemIf(
      detector.historySize * interval > MAX_WINDOW_SECONDS,
      "historySize",
      detector.historySize,
      `at most ${Math.floor(MAX_WINDOW_SECONDS / interval)} at one sample each ${interval} s: a window is at most seven days`,
      "learn from fewer samples",
    ),
  );
}

function machinesProblems(machines: Machines): Problem[] {
  return collect(
    pathFinding("path", machines.path),
    inRange(
      "ids.length",
      machines.ids.length,
      { min: 1, max: 50, unit: "machines" },
      "name the machines that send through one device; leave `machines` out where there is one",
    ),
    ...machines.ids.map((id, index) =>
      hasForm(
        `ids[${index}]`,
        id,
        /^[\w.:-]{1,128}$/,
        "1 to 128 letters, digits, dots, colons, hyphens and underscores",
        "write the id as the messages have it",
      ),
    ),
    allDifferent(
      machines.ids.map((value, index) => ({ path: `ids[${index}]`, value })),
      "name each machine once",
    ),
  );
}

function pathFinding(path: string, value: string | undefined): Problem | undefined {
  const words = (value ?? "").toLowerCase().split(".");
  const reserved = words.find((word) => RESERVED.has(word));
  const broken =
    value !== undefined && (!PATH_FORM.test(value) || !DETECTOR_PATH.test(value) || reserved !== undefined);
  return broken
    ? {
        path,
        value,
        allowed:
          "1 to 8 property names joined by dots, each of 1 to 64 letters, digits and underscores, none a reserved word of the query language",
        remedy:
          reserved === undefined
            ? "write where the value stands in the message, for example machine.temperature"
            : `rename the property ${reserved} in the message`,
      }
    : undefined;
}

/** Two signals that read the same place, or one of which contains the other. */
function overlaps(signals: readonly Signal[]): (Problem | undefined)[] {
  return signals.flatMap((signal, index) =>
    signals.slice(0, index).map((earlier, earlierIndex) => {
      const [a, b] = [signal.path.toLowerCase(), earlier.path.toLowerCase()];
      const overlap = a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
      return overlap
        ? {
            path: `signals[${index}].path`,
            value: signal.path,
            allowed: `a place in the message that does not overlap signals[${earlierIndex}].path, which is ${earlier.path}`,
            remedy: "read each signal from a place of its own",
          }
        : undefined;
    }),
  );
}

interface Step {
  readonly name: string;
  readonly machineId?: string;
}

/**
 * The query of an edge job that reports each anomaly as one row: `eventTime`, `machineId` (where machines are named),
 * `signal`, `detector`, `value`, `score`.
 *
 * Written for the edge: no PARTITION BY and no GetMetadataPropertyValue, which it does not have; one WHEN for each machine
 * instead. `detector` is `spikeAndDip`, whose score is a p-value (lower is more anomalous), `changePoint`, whose score is a
 * martingale (higher is more anomalous), or `model`, whose score is the ML module's probability. Source:
 * learn.microsoft.com/stream-analytics-query (anomalydetection-spikeanddip, -changepoint).
 *
 * @returns the query's text, the same for the same input; it must have passed `anomalyQueryProblems`
 */
export function streamAnalyticsQuery(query: AnomalyQuery): string {
  const signals = query.signals ?? DEFAULT_SIGNALS;
  const steps: Step[] = query.machines?.ids.map((machineId, index) => ({ name: `Scored${index + 1}`, machineId })) ?? [
    { name: "Scored" },
  ];
  const withMachine = query.machines !== undefined;
  const models = (query.modelScores ?? false) ? steps.map((step) => ({ ...step, name: `Model${step.name}` })) : [];
  const anomalies = [
    ...steps.flatMap(({ name }) =>
      signals.flatMap((signal) => signal.detectors.map((detector) => anomalyRows(name, signal, detector, withMachine))),
    ),
    ...models.flatMap((step) => signals.map((signal) => modelRows(step, signal))),
  ];
  const written = [
    ...steps.map((step) => scoringStep(step, query, signals)),
    ...models.map((step) => modelStep(step, query, signals)),
  ];
  return [
    `WITH ${written.join(",\n")},`,
    `Anomalies AS (\n${anomalies.join("\n  UNION\n")}\n)`,
    `SELECT ${columns(withMachine).join(", ")}\nINTO ${ALERT_OUTPUT}\nFROM Anomalies`,
    "",
  ].join("\n");
}

function columns(withMachine: boolean): string[] {
  return ["eventTime", ...(withMachine ? ["machineId"] : []), "signal", "detector", "value", "score"];
}

function scoringStep(step: Step, query: AnomalyQuery, signals: readonly Signal[]): string {
  const interval = query.sampleIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  const isMachine = step.machineId === undefined ? "" : `${query.machines?.path ?? ""} = '${step.machineId}'`;
  const selected = [
    "System.Timestamp() AS eventTime",
    ...(isMachine === "" ? [] : [`${query.machines?.path ?? ""} AS machineId`]),
    ...signals.map((signal) => `${asFloat(signal)} AS ${signal.name}`),
    ...signals.flatMap((signal) =>
      signal.detectors.map(
        (detector) =>
          `${call(signal, detector)} OVER (${window(detector.historySize, interval)} WHEN ${[
            ...(isMachine === "" ? [] : [isMachine]),
            `${asFloat(signal)} IS NOT NULL`,
          ].join(" AND ")}) AS ${resultOf(signal, detector)}`,
      ),
    ),
  ];
  return [
    `${step.name} AS (`,
    `  SELECT`,
    selected.map((column) => `    ${column}`).join(",\n"),
    `  FROM ${SENSOR_INPUT} TIMESTAMP BY ${query.timestampPath ?? DEFAULT_TIMESTAMP_PATH}`,
    ...(isMachine === "" ? [] : [`  WHERE ${isMachine}`]),
    `)`,
  ].join("\n");
}

/**
 * TRY_CAST gives NULL for what is no number; a CAST that fails stops the whole job
 * (learn.microsoft.com/stream-analytics-query, CAST).
 */
const asFloat = (signal: Signal): string => `TRY_CAST(${signal.path} AS float)`;

const resultOf = (signal: Signal, detector: Detector): string =>
  `${signal.name}_${detector.kind === "spikeAndDip" ? "SpikeAndDip" : "ChangePoint"}`;

function call(signal: Signal, detector: Detector): string {
  const common = `${asFloat(signal)}, ${detector.confidence}, ${detector.historySize}`;
  return detector.kind === "spikeAndDip"
    ? `AnomalyDetection_SpikeAndDip(${common}, '${detector.mode ?? "spikesanddips"}')`
    : `AnomalyDetection_ChangePoint(${common})`;
}

/** As long as the history takes at the sample interval, in the coarsest unit that says it exactly enough. */
function window(historySize: number, intervalSeconds: number): string {
  const milliseconds = Math.ceil(historySize * intervalSeconds * 1000);
  return milliseconds % 1000 === 0
    ? `LIMIT DURATION(second, ${milliseconds / 1000})`
    : `LIMIT DURATION(millisecond, ${milliseconds})`;
}

function anomalyRows(step: string, signal: Signal, detector: Detector, withMachine: boolean): string {
  const result = resultOf(signal, detector);
  const selected = [
    "eventTime",
    ...(withMachine ? ["machineId"] : []),
    `'${signal.name}' AS signal`,
    `'${detector.kind}' AS detector`,
    `${signal.name} AS value`,
    `CAST(GetRecordPropertyValue(${result}, 'Score') AS float) AS score`,
  ];
  return [
    `  SELECT ${selected.join(", ")}`,
    `  FROM ${step}`,
    `  WHERE CAST(GetRecordPropertyValue(${result}, 'IsAnomaly') AS bigint) = 1`,
  ].join("\n");
}

/** Samples after which an anomaly that the ML module still sees is reported again, where none came in between. */
const MODEL_GAP_SAMPLES = 120;

/**
 * The scores of the ML module, each with what the one before it said of the same machine: LAG sees every message, so that the
 * first one of an anomaly can be told from those in which it lasts (learn.microsoft.com/stream-analytics-query/
 * lag-azure-stream-analytics, "when a condition starts").
 */
function modelStep({ name, machineId }: Step, query: AnomalyQuery, signals: readonly Signal[]): string {
  const interval = query.sampleIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  const isAnomaly = "TRY_CAST(isAnomaly AS bigint)";
  const conditions = [...(machineId === undefined ? [] : [`machineId = '${machineId}'`]), `${isAnomaly} IS NOT NULL`];
  const over = `OVER (${window(MODEL_GAP_SAMPLES, interval)} WHEN ${conditions.join(" AND ")})`;
  const selected = [
    "System.Timestamp() AS eventTime",
    "machineId",
    `${isAnomaly} AS isAnomaly`,
    `LAG(${isAnomaly}, 1, 0) ${over} AS wasAnomaly`,
    // Devices behind a gateway are not named in the configuration and take turns.
    ...(machineId === undefined ? [`LAG(machineId) ${over} AS lastMachineId`] : []),
    ...signals.flatMap((signal) => [
      `TRY_CAST(signals.${signal.name}.value AS float) AS ${signal.name}_Value`,
      `TRY_CAST(signals.${signal.name}.score AS float) AS ${signal.name}_Score`,
    ]),
  ];
  return [
    `${name} AS (`,
    `  SELECT`,
    selected.map((column) => `    ${column}`).join(",\n"),
    `  FROM ${SCORE_INPUT} TIMESTAMP BY eventTime`,
    ...(machineId === undefined ? [] : [`  WHERE machineId = '${machineId}'`]),
    `)`,
  ].join("\n");
}

/**
 * A row for each signal of the message with which the ML module begins to see an anomaly, with the module's own probability as
 * its score.
 */
function modelRows({ name, machineId }: Step, signal: Signal): string {
  const selected = [
    "eventTime",
    ...(machineId === undefined ? [] : ["machineId"]),
    `'${signal.name}' AS signal`,
    `'model' AS detector`,
    `${signal.name}_Value AS value`,
    `${signal.name}_Score AS score`,
  ];
  const begins = machineId === undefined ? "(wasAnomaly = 0 OR lastMachineId <> machineId)" : "wasAnomaly = 0";
  return [
    `  SELECT ${selected.join(", ")}`,
    `  FROM ${name}`,
    `  WHERE isAnomaly = 1 AND ${begins} AND ${signal.name}_Value IS NOT NULL`,
  ].join("\n");
}
