export const DETECTOR_MODES = ["spikes", "dips", "spikesanddips"] as const;
export const DETECTOR_KINDS = ["spikeAndDip", "changePoint"] as const;

/** Finds values that are out of line for a moment. */
export interface SpikeAndDip {
  /** Distinguishes the kinds of detectors. */
  readonly kind: "spikeAndDip";
  /** How sure it must be, in percent, 1 to 100; a lower value reports more. */
  readonly confidence: number;
  /** How many samples it learns from, 10 to 10,000. Its results are not reliable before it has seen as many. */
  readonly historySize: number;
  /** What to report. @default "spikesanddips" */
  readonly mode?: (typeof DETECTOR_MODES)[number];
}

/** Finds a lasting change of level. */
export interface ChangePoint {
  /** Distinguishes the kinds of detectors. */
  readonly kind: "changePoint";
  /** How sure it must be, in percent, 1 to 100; a lower value reports more. */
  readonly confidence: number;
  /** How many samples it learns from, 10 to 10,000. Its results are not reliable before it has seen as many. */
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
  /** What it is measured in, for the page and the reports of a rehearsal: 1 to 16 characters. @default - none */
  readonly unit?: string;
  /** What watches it, at most one of each kind. */
  readonly detectors: readonly Detector[];
}

/** Machines that send through the same device and must be analysed separately. */
export interface Machines {
  /** Where a message says which machine it is from: `machine.id`. */
  readonly path: string;
  /** Its values, 1 to 50. Machines that are not listed are not watched. */
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
  { name: "temperature", path: "machine.temperature", unit: "°C", detectors: standardDetectors() },
  { name: "pressure", path: "machine.pressure", detectors: standardDetectors() },
];

/** A third signal for machines that measure it; the simulated sensor does not. */
export const VIBRATION_SIGNAL: Signal = {
  name: "vibration",
  path: "machine.vibration",
  unit: "mm/s",
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

export const DEFAULT_INTERVAL_SECONDS = 5;
export const DEFAULT_TIMESTAMP_PATH = "timeCreated";
