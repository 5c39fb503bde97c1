import { createScoreJudge, judgeScore, type ScoreJudge } from "../detection/score-judge";

/**
 * What readings and scores were like in training: bins of each signal and, last, of the scores, and which share of a machine's
 * values was in each. A machine that was not trained on is compared with its own first week.
 */
export interface Reference {
  /** Edges between bins, rising; one list a signal and one for scores. */
  readonly edges: readonly (readonly number[])[];
  /** How many neighbouring values count as one, since they say the same; 1 or more, for each signal and for scores. */
  readonly correlation: readonly number[];
  /** What was seen of each machine. */
  readonly machines: Readonly<Record<string, TrainedMachine>>;
}

interface TrainedMachine {
  /** Samples that the shares are of. */
  readonly samples: number;
  /** Shares of the bins, for each signal and for scores; their sum is 1. */
  readonly shares: readonly (readonly number[])[];
}

/** How a machine's values lie in the bins; plain data. */
export interface DriftState {
  /** Time of the first sample that is counted, in milliseconds. */
  since: number;
  samples: number;
  /** Values in each bin, all signals one after another. */
  counts: number[];
  /** Counts of the machine's first week, where training does not know it. */
  first?: number[];
  /** Samples of that week. */
  firstSamples?: number;
  /** Population stability index of the last whole week, by signal and of the scores. */
  distances?: number[];
  isDrifted: boolean;
}

/** How often the model in use and the shadow model said the same of a machine; plain data. */
export interface AgreementState {
  /** Judges the scores of the model in use as the shadow's are. */
  readonly judge: ScoreJudge;
  compared: number;
  modelOnly: number;
  shadowOnly: number;
}

const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isFinite);

/** Whether a saved state is sound, or absent. */
export function isDriftState(value: DriftState | undefined): boolean {
  if (value === undefined) return true;
  const { since, samples, counts, first = [], distances = [] } = value;
  return [since, samples].every(Number.isFinite) && [counts, first, distances].every(isNumbers);
}

/** Whether a saved state is sound, or absent. */
export function isAgreementState(value: AgreementState | undefined): boolean {
  if (value === undefined) return true;
  const { judge, compared, modelOnly, shadowOnly } = value as Partial<AgreementState>;
  return [compared, modelOnly, shadowOnly].every(Number.isFinite) && isNumbers(judge?.state);
}

/** A week, so that shifts and weekends are in it. */
const PERIOD_MS = 7 * 86_400_000;
/** Samples of a week below which nothing is said. */
const LEAST_SAMPLES = 1000;
/**
 * Distances above which a machine is said to have drifted, and below which not to any more: the usual reading of the index, 0.25
 * a major and 0.1 no change (Siddiqi, Credit Risk Scorecards, 2006).
 */
export const DRIFTED = 0.25;
export const SAME = 0.1;

function binsOf({ edges }: Reference): number {
  return edges.reduce((sum, each) => sum + each.length + 1, 0);
}

function count(state: DriftState, { edges }: Reference, group: number, value: number): void {
  const own = edges[group] ?? [];
  let offset = 0;
  for (let i = 0; i < group; i++) offset += (edges[i]?.length ?? 0) + 1;
  let bin = 0;
  while (bin < own.length && value > (own[bin] ?? Infinity)) bin++;
  state.counts[offset + bin] = (state.counts[offset + bin] ?? 0) + 1;
}

/** Counts a sample; at the end of a week compares it with training. Values in the order of the signals. */
export function countSample(
  before: DriftState | undefined,
  reference: Reference,
  machineId: string,
  values: ArrayLike<number>,
  timeMs: number,
): DriftState {
  let state = before;
  if (state?.counts.length !== binsOf(reference)) {
    state = { since: timeMs, samples: 0, counts: new Array<number>(binsOf(reference)).fill(0), isDrifted: false };
  }
  if (timeMs < state.since) state.since = timeMs;
  if (timeMs - state.since >= PERIOD_MS) {
    if (state.samples >= LEAST_SAMPLES) compare(state, reference, machineId);
    state.since = timeMs;
    state.samples = 0;
    state.counts.fill(0);
  }
  state.samples++;
  for (let i = 0; i < values.length; i++) count(state, reference, i, values[i] ?? 0);
  return state;
}

export function countScore(state: DriftState, reference: Reference, score: number): void {
  count(state, reference, reference.edges.length - 1, score);
}

function compare(state: DriftState, { edges, correlation, machines }: Reference, machineId: string): void {
  const trained = Object.hasOwn(machines, machineId) ? machines[machineId] : undefined;
  const expected = trained?.shares.flat() ?? state.first;
  if (expected === undefined) {
    state.first = [...state.counts];
    state.firstSamples = state.samples;
    return;
  }
  const samples = trained?.samples ?? state.firstSamples ?? 0;
  let offset = 0;
  state.distances = edges.map((own) => {
    const end = offset + own.length + 1;
    const distance = stabilityIndex(expected.slice(offset, end), state.counts.slice(offset, end));
    offset = end;
    return distance;
  });
  const least = state.isDrifted ? SAME : DRIFTED;
  state.isDrifted = state.distances.some((distance, i) => {
    const together = correlation[i] ?? 1;
    return (
      distance > Math.max(least, chance((edges[i]?.length ?? 0) + 1, samples / together, state.samples / together))
    );
  });
}

/** Standard deviations of what is no more than chance: one in a thousand. */
const CHANCE = 3.09;

/**
 * What the index exceeds once in a thousand times where nothing has changed, with so many independent values: it is (1/expected +
 * 1/actual) times a chi-squared with a degree less than bins (Yurdakul 2018), here by Wilson and Hilferty.
 */
export function chance(bins: number, expected: number, actual: number): number {
  const degrees = Math.max(bins - 1, 1);
  const quantile = degrees * (1 - 2 / (9 * degrees) + CHANCE * Math.sqrt(2 / (9 * degrees))) ** 3;
  return quantile * (1 / expected + 1 / actual);
}

/** The population stability index of two histograms of any scale; half a value is added to each bin. */
export function stabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  const [all, seen] = [expected, actual].map((each) => each.reduce((sum, one) => sum + one, 0)) as [number, number];
  if (all === 0 || seen === 0) return 0;
  const share = (value: number, of: number): number => ((value * seen) / of + 0.5) / (seen + 0.5 * expected.length);
  return expected.reduce((sum, value, i) => {
    const [p, q] = [share(value, all), share(actual[i] ?? 0, seen)];
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

/** Takes both models' scores of one window. `confidence` in percent, `isShadowAnomaly` the shadow's verdict by the same. */
export function compareScores(
  before: AgreementState | undefined,
  score: number,
  isShadowAnomaly: boolean,
  isShadowReady: boolean,
  confidence: number,
): AgreementState {
  const state = before ?? { judge: createScoreJudge(), compared: 0, modelOnly: 0, shadowOnly: 0 };
  const { log10P, ready } = judgeScore(state.judge, score);
  if (!ready || !isShadowReady) return state;
  const isAnomaly = log10P <= Math.log10(1 - confidence / 100);
  state.compared++;
  if (isAnomaly && !isShadowAnomaly) state.modelOnly++;
  if (!isAnomaly && isShadowAnomaly) state.shadowOnly++;
  return state;
}

/** What is watched of one machine. */
export interface Watched {
  readonly machineId: string;
  readonly drift?: DriftState | undefined;
  readonly agreement?: AgreementState | undefined;
}

/** Machines that are named, those that are worst. */
const NAMED = 10;
/** Characters of a list: a twin's text may have 4 KB. */
const MAX_TEXT = 1500;

const digits = (value: number): number => Number(value.toPrecision(2));

/** What the twin reports of all machines, for the model in use and the shadow model. */
export function watchReport(
  watched: readonly Watched[],
  names: readonly string[],
): {
  readonly drift: Readonly<Record<string, unknown>> | null;
  readonly shadow: Readonly<Record<string, unknown>> | null;
} {
  const drifts = watched.flatMap(({ machineId, drift }) => (drift ? [{ machineId, ...drift }] : []));
  const agreements = watched.flatMap(({ machineId, agreement }) => (agreement ? [{ machineId, ...agreement }] : []));
  return { drift: driftReport(drifts, names), shadow: shadowReport(agreements) };
}

/** Which signals of a machine drifted, the furthest first, as people read it; `score` is of the model's scores. */
export function describeDrift({ distances = [] }: Pick<DriftState, "distances">, names: readonly string[]): string {
  return distances
    .map((distance, i) => ({ name: names[i] ?? "score", distance }))
    .filter(({ distance }) => distance > SAME)
    .sort((a, b) => b.distance - a.distance)
    .map(({ name, distance }) => `${name} ${Number(distance.toPrecision(2))}`)
    .join(", ");
}

function driftReport(
  machines: readonly ({ readonly machineId: string } & DriftState)[],
  names: readonly string[],
): Readonly<Record<string, unknown>> | null {
  if (machines.length === 0) return null;
  const drifted = machines
    .filter(({ isDrifted }) => isDrifted)
    .map(({ machineId, distances = [] }) => ({ machineId, distances, worst: Math.max(...distances) }))
    .sort((a, b) => b.worst - a.worst);
  const told = drifted.slice(0, NAMED).map((one) => `${one.machineId}: ${describeDrift(one, names)}`);
  return {
    status: drifted.length > 0 ? "drifted" : machines.some(({ distances }) => distances) ? "same" : "gathering",
    machines: machines.length,
    drifted: drifted.length,
    worst: told.join("; ").slice(0, MAX_TEXT),
  };
}

function shadowReport(
  machines: readonly ({ readonly machineId: string } & AgreementState)[],
): Readonly<Record<string, unknown>> | null {
  if (machines.length === 0) return null;
  const total = (of: (one: AgreementState) => number): number => machines.reduce((sum, one) => sum + of(one), 0);
  const rate = (one: AgreementState): number =>
    one.compared === 0 ? 0 : (one.modelOnly + one.shadowOnly) / one.compared;
  const [compared, modelOnly, shadowOnly] = [
    total((one) => one.compared),
    total((one) => one.modelOnly),
    total((one) => one.shadowOnly),
  ];
  const worst = [...machines].filter((one) => rate(one) > 0).sort((a, b) => rate(b) - rate(a));
  return {
    compared,
    modelOnly,
    shadowOnly,
    rate: compared === 0 ? null : digits((modelOnly + shadowOnly) / compared),
    machines: worst
      .slice(0, NAMED)
      .map((one) => `${one.machineId}: ${digits(rate(one))}`)
      .join("; ")
      .slice(0, MAX_TEXT),
  };
}
