import { allDifferent, collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange, oneOf } from "@edge-anomaly-detection/common/rules";
import { LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";
import {
  type AnomalyQuery,
  DEFAULT_INTERVAL_SECONDS,
  DEFAULT_SIGNALS,
  type Detector,
  DETECTOR_KINDS,
  DETECTOR_MODES,
  type Machines,
  type Signal,
} from "./anomaly-query";

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

/** Validation errors in what a query shall watch. */
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
        "give each signal its own name; Stream Analytics is not case-sensitive",
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
        "rename the signal; the name is used in queries and alerts",
      ),
      pathFinding("path", signal.path),
      hasForm(
        "unit",
        signal.unit,
        /^[^\p{Cc}\p{Cf}]{1,16}$/u,
        "1 to 16 characters, none a control character",
        "write the unit as a report should have it, for example °C",
      ),
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
    oneOf("kind", detector.kind, DETECTOR_KINDS, "choose what to look for"),
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
    "mode" in detector ? oneOf("mode", detector.mode, DETECTOR_MODES, "choose what to report") : undefined,
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
        new RegExp(`^[\\w.:-]{1,${LIMITS.machineId.max}}$`),
        `1 to ${LIMITS.machineId.max} letters, digits, dots, colons, hyphens and underscores`,
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
            ? "write the path of the value in the message, for example machine.temperature"
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
            remedy: "read each signal from its own place",
          }
        : undefined;
    }),
  );
}
