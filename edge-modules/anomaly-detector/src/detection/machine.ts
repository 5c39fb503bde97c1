import { Joint } from "./joint";
import { FIELDS, fill, learn, push, resetScale, sample, unlikelihood } from "./scale";
import {
  ABSENT,
  absent,
  acceptSignal,
  anyHeld,
  type Candidate,
  type Channel,
  CHANNELS,
  type Context,
  expectedRange,
  holdOf,
  type HoldView,
  isWarm,
  LEVEL,
  missingAfter,
  NOISE,
  present,
  RELATION,
  resetSignal,
  RUN,
  SIGNAL_FIELDS,
  stuckAfter,
  updateSignal,
} from "./signal";

export type AnomalyKind =
  | "spike"
  | "dip"
  | "level"
  | "drift"
  | "noise"
  | "oscillation"
  | "stuck"
  | "range"
  | "silence"
  | "missing"
  | "relation";

export interface Limits {
  readonly low?: number;
  readonly high?: number;
  readonly flatlineSeconds?: number;
}

export interface PlantSettings {
  readonly falseAlertsPerMachineMonth: number;
  readonly newLevelAfterMs: number;
  /** One for each signal. */
  readonly limits: readonly (Limits | undefined)[];
}

/** What is wrong with one signal. */
export interface Member {
  readonly signal: number;
  kind: AnomalyKind;
  sinceMs: number;
  /** Deviation in the signal's unit at its worst. */
  deviation: number;
  /** How far beyond the limit: 1 is at the limit. */
  ratio: number;
  unlikelihood: number;
  expected: number;
  low: number;
  high: number;
  window: number;
  active: boolean;
}

/** Plain data. */
export interface PlantEpisode {
  readonly startMs: number;
  lastMs: number;
  messages: number;
  quiet: number;
  toldMs: number;
  toldRatio: number;
  members: Member[];
  confirmed: boolean;
}

export type CloseReason =
  | "returned"
  | "newLevel"
  | "falseAlarm"
  | "silent"
  | "ended"
  | "switchedOff"
  | "evicted"
  | "maintenance";

export interface PlantEvent {
  readonly phase: "opened" | "ongoing" | "closed";
  readonly episode: PlantEpisode;
  readonly reason?: CloseReason;
}

/** A kind and size of anomaly that was there before. */
export interface Pattern {
  key: number;
  size: number;
  count: number;
  lastMs: number;
  confirmed: boolean;
}

export const MONTH_MS = 30 * 86_400_000;
/** Unconfirmed anomalies of one kind and size after which they are the machine's normal. */
const NORMAL_AFTER = 3;
const MAX_PATTERNS = 24;
/** Messages without a finding that end an episode. */
const QUIET = 12;
/** Windows of the distance of all signals together. */
const DISTANCE_WINDOWS: readonly number[] = [1, 16, 128];
/** Signals from which the distance of all is judged; fewer are judged well enough one by one. */
const DISTANCE_FROM = 4;
const range = { low: 0, high: 0, centre: 0 };

export class Machine {
  public lastMs = -1;
  public messages = 0;
  /** Usual milliseconds between two messages. */
  public intervalMs = 0;
  public readonly signals: Float64Array;
  public readonly joint: Joint | undefined;
  public readonly distances: Float64Array | undefined;
  public patterns: Pattern[] = [];
  public episode: PlantEpisode | undefined;
  /** Alerts that nobody confirmed, less what the budget allows for the time since. */
  public spent = 0;
  public maintenanceUntilMs: Float64Array;
  public silentSinceMs = 0;
  private distanceHeld = 0;
  private readonly context: Context;
  private signal = 0;
  private p = 0;

  public constructor(
    public readonly count: number,
    public settings: PlantSettings,
  ) {
    this.signals = new Float64Array(count * SIGNAL_FIELDS);
    for (let i = 0; i < count; i++) resetSignal(this.signals, i * SIGNAL_FIELDS);
    if (count >= 2) this.joint = new Joint(count);
    if (count >= DISTANCE_FROM) {
      this.distances = new Float64Array(DISTANCE_WINDOWS.length * FIELDS);
      for (let k = 0; k < DISTANCE_WINDOWS.length; k++) resetScale(this.distances, k * FIELDS);
    }
    this.maintenanceUntilMs = new Float64Array(count);
    this.context = {
      p: 1e-9,
      strictness: 1,
      timeMs: 0,
      relation: NaN,
      decide: (candidate) => this.decide(candidate),
    };
  }

  public get warm(): boolean {
    for (let i = 0; i < this.count; i++) if (isWarm(this.signals, i * SIGNAL_FIELDS)) return true;
    return false;
  }

  /** One message. Returns what is to be told. The last expected ranges are in {@link low} and {@link high}. */
  public update(timeMs: number, values: readonly (number | undefined)[]): PlantEvent[] | undefined {
    const first = this.lastMs < 0;
    const dt = first ? 0 : Math.max(timeMs - this.lastMs, 0);
    this.lastMs = Math.max(timeMs, this.lastMs);
    this.messages++;
    if (!first) {
      const bounded = this.messages < 6 || this.intervalMs === 0 ? dt : Math.min(dt, 3 * this.intervalMs);
      this.intervalMs += (bounded - this.intervalMs) / Math.min(this.messages - 1, 200);
      this.spent = Math.max(0, this.spent - (this.settings.falseAlertsPerMachineMonth * dt) / MONTH_MS);
    }
    if (this.p === 0 || (this.messages & 63) === 1 || this.messages < 64) this.plan();
    const { context, signals, joint } = this;
    context.timeMs = timeMs;
    context.p = this.p;

    let complete = joint !== undefined;
    if (complete) for (let i = 0; i < this.count; i++) if (values[i] === undefined) complete = false;
    if (complete) joint!.judge(values);

    for (let i = 0; i < this.count; i++) {
      const base = i * SIGNAL_FIELDS;
      const x = values[i];
      if (x === undefined) {
        if (isWarm(signals, base)) absent(signals, base, timeMs);
        continue;
      }
      if (signals[base + ABSENT]! > 0) present(signals, base);
      if (timeMs < this.maintenanceUntilMs[i]!) continue;
      this.signal = i;
      context.relation = complete ? joint!.relations[i]! : NaN;
      updateSignal(signals, base, x, context);
    }
    if (complete) {
      this.judgeDistance(joint!.distance, timeMs);
      if (this.episode === undefined) joint!.learn(values);
    }
    return this.follow(timeMs, values);
  }

  private plan(): void {
    const tests = MONTH_MS / Math.max(this.intervalMs, 1);
    this.p = (0.5 * this.settings.falseAlertsPerMachineMonth) / (tests * this.count * 10);
    this.context.strictness = 1 + 0.15 * Math.min(Math.max(this.spent - 3, 0), 10);
  }

  private decide(candidate: Candidate): boolean {
    const { channel, window, direction, current, predicted } = candidate;
    const key = this.signal * 16 + channel * 4 + (window > 0 ? 2 : 0) + (direction > 0 ? 1 : 0);
    const size = Math.abs(current - predicted);
    const now = this.context.timeMs;
    let pattern = this.patterns.find((each) => each.key === key && size < 1.6 * each.size && size > 0.6 * each.size);
    if (pattern && !pattern.confirmed && pattern.count >= NORMAL_AFTER) {
      pattern.lastMs = now;
      pattern.size += 0.2 * (size - pattern.size);
      return false;
    }
    if (!pattern) {
      pattern = { key, size, count: 0, lastMs: -Infinity, confirmed: false };
      if (this.patterns.length >= MAX_PATTERNS) this.forgetPattern();
      this.patterns.push(pattern);
    }
    // Within an episode a kind counts once.
    if (this.episode === undefined || pattern.lastMs < this.episode.startMs) pattern.count++;
    pattern.lastMs = now;
    const base = this.signal * SIGNAL_FIELDS;
    expectedRange(this.signals, base, range);
    this.join({
      signal: this.signal,
      kind: kindOf(candidate),
      sinceMs: now,
      deviation: current - predicted,
      ratio: candidate.ratio,
      unlikelihood: candidate.unlikelihood,
      expected: predicted,
      low: predicted - candidate.limit * candidate.spread,
      high: predicted + candidate.limit * candidate.spread,
      window,
      active: true,
    });
    return true;
  }

  private forgetPattern(): void {
    let oldest = 0;
    this.patterns.forEach((pattern, i) => {
      if (!pattern.confirmed && pattern.lastMs < (this.patterns[oldest]?.lastMs ?? Infinity)) oldest = i;
    });
    this.patterns.splice(oldest, 1);
  }

  private readonly joined: Member[] = [];

  private join(member: Member): void {
    this.joined.push(member);
  }

  private judgeDistance(distance: number, timeMs: number): void {
    const a = this.distances;
    if (!a || distance !== distance) return;
    const y = Math.log(distance + 0.01);
    for (let k = 0; k < DISTANCE_WINDOWS.length; k++) {
      const n = DISTANCE_WINDOWS[k]!;
      const o = k * FIELDS;
      if (!push(a, o, n, y, 0.02, this.p * Math.max(1, n >> 1))) continue;
      const limit = sample.limit * this.context.strictness;
      if (this.distanceHeld > 0) {
        if (k === this.distanceHeld - 1 && sample.z < 0.45 * limitAtLeast(limit)) {
          this.distanceHeld = 0;
          for (let each = 0; each <= k; each++) if (DISTANCE_WINDOWS[each]! > 1) fill(a, each * FIELDS, sample.predicted);
        }
        continue;
      }
      if (sample.z > limit) {
        this.distanceHeld = k + 1;
        this.join({
          signal: -1,
          kind: "relation",
          sinceMs: timeMs,
          deviation: Math.exp(sample.current),
          ratio: sample.z / limit,
          unlikelihood: unlikelihood(a, o),
          expected: Math.exp(sample.predicted),
          low: 0,
          high: Math.exp(sample.predicted + limit * sample.spread),
          window: k,
          active: true,
        });
        continue;
      }
      if (this.episode === undefined) learn(a, o, n, k === 0 ? 2000 : 400);
    }
  }

  private follow(timeMs: number, values: readonly (number | undefined)[]): PlantEvent[] | undefined {
    const { signals, settings } = this;
    let active = this.distanceHeld > 0;
    for (let i = 0; i < this.count; i++) {
      const base = i * SIGNAL_FIELDS;
      if (timeMs < this.maintenanceUntilMs[i]!) continue;
      if (anyHeld(signals, base)) active = true;
      if (signals[base + RUN]! >= 9 && this.isStuck(i, timeMs)) {
        active = true;
        this.keep(i, "stuck", timeMs, values[i] ?? 0);
      }
      if (signals[base + ABSENT]! >= 5 && signals[base + ABSENT]! >= missingAfter(signals, base)) {
        active = true;
        this.keep(i, "missing", timeMs, 0);
      }
      const limits = settings.limits[i];
      const x = values[i];
      if (limits && x !== undefined && (x < (limits.low ?? -Infinity) || x > (limits.high ?? Infinity))) {
        active = true;
        this.keep(i, "range", timeMs, x, limits);
      }
    }
    const { episode, joined } = this;
    if (episode === undefined) {
      if (joined.length === 0) return undefined;
      const opened: PlantEpisode = {
        startMs: timeMs,
        lastMs: timeMs,
        messages: 1,
        quiet: 0,
        toldMs: timeMs,
        toldRatio: Math.max(...joined.map(({ ratio }) => ratio)),
        members: joined.splice(0),
        confirmed: false,
      };
      this.episode = opened;
      this.spent++;
      this.context.strictness = 1 + 0.15 * Math.min(Math.max(this.spent - 3, 0), 10);
      return [{ phase: "opened", episode: opened }];
    }
    let events: PlantEvent[] | undefined;
    if (joined.length > 0) {
      const fresh = joined.filter(
        ({ signal, kind }) => !episode.members.some((each) => each.signal === signal && each.kind === kind),
      );
      const ratio = Math.max(...joined.map((each) => each.ratio));
      for (const member of joined.splice(0)) {
        const known = episode.members.find((each) => each.signal === member.signal && each.kind === member.kind);
        if (known) {
          known.active = true;
          if (member.ratio > known.ratio) Object.assign(known, { ...member, sinceMs: known.sinceMs });
        } else if (episode.members.length < 4 * this.count + 4) episode.members.push(member);
      }
      // Signals that join within a moment belong to what was told; much worse or later ones are told.
      const later = timeMs - episode.toldMs > Math.max(60_000, 30 * this.intervalMs);
      if ((fresh.length > 0 && later) || ratio > 2 * episode.toldRatio) {
        episode.toldMs = timeMs;
        episode.toldRatio = Math.max(ratio, episode.toldRatio);
        events = [{ phase: "ongoing", episode }];
      }
    }
    if (active) {
      episode.lastMs = timeMs;
      episode.messages++;
      episode.quiet = 0;
      if (timeMs - episode.startMs > settings.newLevelAfterMs && !episode.confirmed) {
        this.acceptLevels();
        return [...(events ?? []), this.close("newLevel")];
      }
      return events;
    }
    if (++episode.quiet < QUIET) return events;
    return [...(events ?? []), this.close("returned")];
  }

  private isStuck(i: number, timeMs: number): boolean {
    const base = i * SIGNAL_FIELDS;
    const limit = this.settings.limits[i]?.flatlineSeconds;
    if (limit !== undefined) return this.signals[base + RUN]! * this.intervalMs >= limit * 1000;
    return timeMs > 0 && this.signals[base + RUN]! >= stuckAfter(this.signals, base, this.p);
  }

  /** Keeps a finding that is a state rather than a deviation. */
  private keep(signal: number, kind: AnomalyKind, timeMs: number, x: number, limits?: Limits): void {
    const known = this.episode?.members.find((each) => each.signal === signal && each.kind === kind);
    if (known) {
      known.active = true;
      return;
    }
    const low = limits?.low ?? -Infinity;
    const high = limits?.high ?? Infinity;
    this.join({
      signal,
      kind,
      sinceMs: timeMs,
      deviation: limits ? (x < low ? x - low : x - high) : 0,
      ratio: kind === "range" ? 4 : 2,
      unlikelihood: 16,
      expected: x,
      low: Number.isFinite(low) ? low : x,
      high: Number.isFinite(high) ? high : x,
      window: 0,
      active: true,
    });
  }

  public close(reason: CloseReason): PlantEvent {
    const episode = this.episode!;
    this.episode = undefined;
    return { phase: "closed", episode, reason };
  }

  public acceptLevels(signal?: number): void {
    for (let i = 0; i < this.count; i++) {
      if (signal !== undefined && signal !== i) continue;
      const base = i * SIGNAL_FIELDS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const hold = holdOf(this.signals, base, channel as Channel);
        if (hold && channel === LEVEL) this.joint?.move(i, hold.now);
      }
      acceptSignal(this.signals, base);
      // A run that was accepted is a normal run.
      if (this.signals[base + RUN]! > 0) this.signals[base + RUN + 2] = this.signals[base + RUN]!;
    }
    this.distanceHeld = 0;
  }

  public hold(i: number, channel: Channel): HoldView | undefined {
    return holdOf(this.signals, i * SIGNAL_FIELDS, channel);
  }
}

const limitAtLeast = (limit: number): number => (Number.isFinite(limit) ? limit : 6);

function kindOf({ channel, window, direction }: Candidate): AnomalyKind {
  if (channel === NOISE) return "noise";
  if (channel === RELATION) return "relation";
  if (channel === LEVEL) return window === 0 ? (direction > 0 ? "spike" : "dip") : window >= 3 ? "drift" : "level";
  return "oscillation";
}
