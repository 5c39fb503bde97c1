import { normalRandom, seededRandom } from "../random";
import type { Alerting } from "./contestants";
import type { Scorer } from "./baselines";
import type { Fault } from "./faults";
import type { Normal } from "./normals";

export const START_MS = Date.parse("2026-01-05T00:00:00Z");
const MONTH_SECONDS = 30 * 86_400;

/** Seconds that no two alerts of a row are nearer than, for all rows alike: an hour, or sixty messages where that is longer. */
export const cooldownSeconds = (interval: number): number => Math.max(3600, 60 * interval);

/** Readings of an hour, at least sixty: what "an hour old" means at slow rates. */
export const hourReadings = (interval: number): number => Math.max(60, Math.round(3600 / interval));

/** Readings of six hours, at least two of the above: how long lasting faults are watched. */
export const sixHours = (interval: number): number =>
  Math.max(2 * hourReadings(interval), Math.round(21_600 / interval));

/** Values of a normal signal at times that its kind gives, one after the other. */
export class Series {
  private readonly next: (t: number) => number;
  private readonly step: () => number;
  private t = 0;
  public timeMs = START_MS;
  public value = 0;

  public constructor(normal: Normal, seed: number, interval: number) {
    this.next = normal.make(seed, interval);
    this.step = normal.steps?.(seed, interval) ?? (() => interval);
  }

  public get seconds(): number {
    return this.t;
  }

  public advance(): void {
    this.value = this.next(this.t);
    this.timeMs = START_MS + Math.round(this.t * 1000);
    this.t += this.step();
  }
}

export interface FalseAlerts {
  /** Alerts that were opened in a month from the first message on. */
  readonly perMonth: number;
  /** Hours, or sixties of messages, with an alert, in a month: the count with the cooldown that all rows have. */
  readonly withCooldown: number;
  readonly openShare: number;
}

export function falseAlerts(
  normal: Normal,
  interval: number,
  days: number,
  seeds: number,
  make: () => Alerting,
): FalseAlerts {
  let alerts = 0;
  let blocks = 0;
  let open = 0;
  let messages = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const series = new Series(normal, seed, interval);
    const detector = make();
    let blockEnds = -1;
    while (series.seconds < days * 86_400) {
      series.advance();
      const said = detector.process(series.timeMs, [series.value]);
      messages++;
      if (said.open) open++;
      if (!said.alert) continue;
      alerts++;
      if (series.seconds <= blockEnds) continue;
      blocks++;
      blockEnds = series.seconds + cooldownSeconds(interval);
    }
  }
  const months = (seeds * days * 86_400) / MONTH_SECONDS;
  return { perMonth: alerts / months, withCooldown: blocks / months, openShare: open / messages };
}

/** The highest score of each cooldown: thresholds are chosen and counted on these. */
export function peaks(normal: Normal, interval: number, days: number, seeds: number, make: () => Scorer): number[] {
  const all: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const series = new Series(normal, seed, interval);
    const scorer = make();
    let ends = cooldownSeconds(interval);
    let highest = 0;
    while (series.seconds < days * 86_400) {
      series.advance();
      const score = scorer.score(series.value);
      if (score > highest) highest = score;
      if (series.seconds < ends) continue;
      all.push(highest);
      highest = 0;
      ends += cooldownSeconds(interval);
    }
  }
  return all;
}

/** What of faults was found. */
export interface Found {
  trials: number;
  withinHour: number;
  withinTwo: number;
  /** Messages from onset to alert, of those found within two hours. */
  delays: number[];
  /** Shares of a fault's six hours that are flagged, of all trials. */
  open: number[];
}

export const nothingFound = (): Found => ({ trials: 0, withinHour: 0, withinTwo: 0, delays: [], open: [] });

/** A place in a normal series where faults are put: the readings to come, and what is known of those before. */
export interface Stage {
  readonly values: readonly number[];
  readonly timesMs: readonly number[];
  readonly sigma: number;
  readonly mean: number;
  readonly last: number;
}

/** Readings before the first fault: learning takes days at slow rates and hours at fast ones. */
export const prefixReadings = (interval: number): number => (interval <= 1 ? 100_000 : interval <= 60 ? 10_080 : 3000);

/** Runs detectors over a normal prefix and hands each a stage for faults. */
export function prepare(
  normal: Normal,
  interval: number,
  seed: number,
  feed: (timeMs: number, value: number) => void,
): Stage {
  const series = new Series(normal, seed + 1000, interval);
  const readings = prefixReadings(interval);
  let sum = 0;
  let squares = 0;
  const origin = { value: 0 };
  for (let i = 0; i < readings; i++) {
    series.advance();
    if (i === 0) origin.value = series.value;
    const d = series.value - origin.value;
    sum += d;
    squares += d * d;
    feed(series.timeMs, series.value);
  }
  const last = series.value;
  const values: number[] = [];
  const timesMs: number[] = [];
  for (let i = 0; i < sixHours(interval); i++) {
    series.advance();
    values.push(series.value);
    timesMs.push(series.timeMs);
  }
  const mean = sum / readings;
  return {
    values,
    timesMs,
    sigma: Math.sqrt(Math.max(squares / readings - mean * mean, 0)),
    mean: mean + origin.value,
    last,
  };
}

/** Puts a fault on a stage. `say` is given each message and answers as a detector does. */
export function stageFault(
  stage: Stage,
  fault: Fault,
  interval: number,
  seed: number,
  found: Found,
  say: (timeMs: number, value: number | undefined) => { alert: boolean; open: boolean },
  readingsWatched = sixHours(interval),
): void {
  const hour = hourReadings(interval);
  const normal = normalRandom(seededRandom(seed * 7919 + 13));
  const readings = fault.readings ?? readingsWatched;
  const watched = fault.lasting ? readingsWatched : 20;
  let at = -1;
  let open = 0;
  for (let age = 0; age < watched; age++) {
    const value = stage.values[age]!;
    const { sigma, mean, last } = stage;
    const x = age < readings ? fault.apply(value, { sigma, mean, last, age, hour, normal }) : value;
    const said = say(stage.timesMs[age]!, x);
    if (said.alert && at < 0) at = age;
    if (said.open) open++;
  }
  found.trials++;
  if (fault.lasting) found.open.push(open / watched);
  if (at < 0 || at >= 2 * hour) return;
  found.withinTwo++;
  if (at < hour) found.withinHour++;
  found.delays.push(at);
}

export const median = (values: readonly number[]): number =>
  values.length === 0 ? NaN : [...values].sort((a, b) => a - b)[values.length >> 1]!;

export const average = (values: readonly number[]): number =>
  values.length === 0 ? NaN : values.reduce((a, b) => a + b, 0) / values.length;
