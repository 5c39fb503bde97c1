import { ALERT_OUTPUT, SCORE_INPUT, SENSOR_INPUT } from "@edge-anomaly-detection/edge-manifest-tools";
import {
  type AnomalyQuery,
  DEFAULT_INTERVAL_SECONDS,
  DEFAULT_SIGNALS,
  DEFAULT_TIMESTAMP_PATH,
  type Detector,
  type Signal,
} from "./anomaly-query";

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
