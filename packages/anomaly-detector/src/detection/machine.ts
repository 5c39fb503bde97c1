import { Joint } from "./joint";
import { Memory } from "./memory";
import {
  ABSENT,
  absent,
  acceptSignal,
  anyHeld,
  type Candidate,
  type Channel,
  CHANNELS,
  type Context,
  type Decision,
  holdOf,
  isWarm,
  LEVEL,
  LONGEST_RUN,
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
import {
  ALL_SIGNALS,
  type AnomalyKind,
  type CloseReason,
  type Limits,
  type Member,
  MONTH_MS,
  type PlantEpisode,
  type PlantEvent,
  type PlantSettings,
} from "./types";
import { Upward } from "./upward";

/** Messages without a finding that end an episode. */
const QUIET = 12;
/** Signals from which the distance of all is judged; fewer are judged well enough one by one. */
const DISTANCE_FROM = 4;
/** Messages in a row with other signals after which those are judged together. */
const OTHER_SIGNALS = 100;
/** Statistics of a signal that share the machine's budget. */
const TESTS_PER_SIGNAL = 10;
/** Unconfirmed alerts at which limits begin to rise, the rise for each further one, and for each after `steepFrom`. */
const STRICTNESS = { from: 2, each: 0.15, steepFrom: 3.5, steep: 0.6, most: 12 } as const;

/** Kinds that say the same of a signal: that it is elsewhere, or that it moves otherwise. A second one is no news. */
const SAYS: Readonly<Partial<Record<AnomalyKind, string>>> = {
  spike: "place",
  dip: "place",
  level: "place",
  drift: "place",
  noise: "movement",
  oscillation: "movement",
};

/** Found in this message and not in an episode yet. Emptied before the next. */
const joined: Member[] = [];
/** The machine and the signal that are being judged: one context serves all machines. */
let judged: Machine | undefined;
let judgedSignal = 0;
const context: Context = {
  p: 0,
  strictness: 1,
  timeMs: 0,
  relation: NaN,
  intervals: 1,
  centre: 0,
  reach: NaN,
  unlikely: 0,
  decide: (candidate) => judged?.decide(candidate, judgedSignal) ?? "learn",
  leaving: (a, base) => {
    judged?.memory.leave(a, base / SIGNAL_FIELDS, context.timeMs);
  },
};
/**
 * For each signal of the message that was judged last: what was expected of it, how far from that it may be, -log10 of
 * its chance. Read it before the next message.
 */
export let told = new Float64Array(3 * 64);

/** All that is known of one machine. Reads no clock; a message costs no allocation unless something is found. */
export class Machine {
  public lastMs = -1;
  public messages = 0;
  /** Usual milliseconds between two messages. */
  public intervalMs = 0;
  public readonly signals: Float64Array;
  /** The signals that the machine sends together, two or more of them. */
  public joint: Joint | undefined;
  public distances: Upward | undefined;
  public model: Upward | undefined;
  public readonly memory = new Memory();
  public episode: PlantEpisode | undefined;
  /** Alerts that nobody confirmed, less what the budget allows for the time since. */
  public spent = 0;
  /** For each signal when its maintenance ends; nothing where there never was one. */
  public maintenanceUntilMs: number[] | undefined;
  /** Messages in a row whose signals are not those of {@link joint}. */
  public others = 0;
  private p = 0;

  public constructor(
    public readonly count: number,
    public settings: PlantSettings,
  ) {
    this.signals = new Float64Array(count * SIGNAL_FIELDS);
    for (let i = 0; i < count; i++) resetSignal(this.signals, i * SIGNAL_FIELDS);
  }

  /** Whether any signal is judged yet. */
  public get warm(): boolean {
    for (let i = 0; i < this.count; i++) if (isWarm(this.signals, i * SIGNAL_FIELDS)) return true;
    return false;
  }

  /** One message: a value for each signal, undefined where it has none. Returns what is to be told, if anything. */
  public update(
    timeMs: number,
    values: readonly (number | undefined)[],
    modelScore?: number,
  ): PlantEvent[] | undefined {
    const dt = this.lastMs < 0 ? -1 : Math.max(timeMs - this.lastMs, 0);
    this.lastMs = timeMs;
    this.messages++;
    if (dt >= 0) this.keepTime(dt);
    this.plan();
    const { signals } = this;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- one context serves all machines, to spare each its own
    judged = this;
    joined.length = 0;
    if (told.length < 3 * this.count) told = new Float64Array(3 * this.count);
    context.timeMs = timeMs;
    context.p = this.p;
    context.intervals = this.intervalMs > 0 ? Math.max(1, Math.round(dt / this.intervalMs)) : 1;

    const joint = this.count < 2 ? undefined : this.together(values);
    joint?.judge(values);
    for (let i = 0; i < this.count; i++) {
      const base = i * SIGNAL_FIELDS;
      const x = values[i];
      if (x === undefined) {
        if (isWarm(signals, base)) absent(signals, base);
        continue;
      }
      if (signals[base + ABSENT]! > 0) present(signals, base);
      told[3 * i + 1] = NaN;
      told[3 * i + 2] = 0;
      if (timeMs < (this.maintenanceUntilMs?.[i] ?? 0)) continue;
      judgedSignal = i;
      context.relation = joint ? joint.relationOf(i) : NaN;
      updateSignal(signals, base, x, context);
      told[3 * i] = context.centre;
      told[3 * i + 1] = context.reach;
      told[3 * i + 2] = context.unlikely;
    }
    if (joint) {
      this.judgeDistance(joint.distance, timeMs);
      if (this.episode === undefined) joint.learn(values);
    }
    if (modelScore !== undefined) this.judgeModel(modelScore, timeMs);
    return this.follow(timeMs, values);
  }

  /**
   * What is known of the signals of this message together; nothing when they are not those that the machine sends. When
   * a hundred messages in a row have others, those are what it sends.
   */
  private together(values: readonly (number | undefined)[]): Joint | undefined {
    const { joint } = this;
    let present = 0;
    for (let i = 0; i < this.count; i++) if (values[i] !== undefined) present++;
    if (joint?.signals === present) {
      let same = true;
      for (const i of joint.members) if (values[i] === undefined) same = false;
      if (same) {
        this.others = 0;
        return joint;
      }
    }
    if (present < 2 || (joint && ++this.others < OTHER_SIGNALS)) return undefined;
    const members: number[] = [];
    for (let i = 0; i < this.count; i++) if (values[i] !== undefined) members.push(i);
    this.join(members);
    return this.joint;
  }

  /** Begins to learn of other signals together. */
  public join(members: readonly number[]): void {
    this.others = 0;
    this.joint = new Joint(members);
    this.distances = members.length >= DISTANCE_FROM ? new Upward() : undefined;
  }

  private keepTime(dt: number): void {
    const usual = this.intervalMs;
    const bounded = this.messages < 6 || usual === 0 ? dt : Math.min(dt, 3 * usual);
    this.intervalMs += (bounded - usual) / Math.min(this.messages - 1, 200);
    this.spent = Math.max(0, this.spent - (this.settings.falseAlertsPerMachineMonth * dt) / MONTH_MS);
  }

  /** The chance of a false exceedance that the budget leaves one reading: fewer messages allow lower limits. */
  private plan(): void {
    const tests = (MONTH_MS / Math.max(this.intervalMs, 1)) * this.count * TESTS_PER_SIGNAL;
    this.p = (0.5 * this.settings.falseAlertsPerMachineMonth) / tests;
    const spent = Math.min(this.spent, STRICTNESS.most);
    context.strictness =
      1 +
      STRICTNESS.each * Math.max(spent - STRICTNESS.from, 0) +
      STRICTNESS.steep * Math.max(spent - STRICTNESS.steepFrom, 0);
  }

  /** What becomes of a candidate of a signal. */
  public decide(candidate: Candidate, signal: number): Decision {
    const { channel, current, predicted, limit, spread } = candidate;
    const now = context.timeMs;
    if (channel === LEVEL && this.memory.goToMode(this.signals, signal, candidate, now)) return "switched";
    if (candidate.ratio < 1) return "everyday";
    if (this.memory.isKnown(signal, candidate, now, this.episode?.startMs)) return "learn";
    joined.push({
      signal,
      kind: kindOf(candidate),
      sinceMs: now,
      deviation: current - predicted,
      expected: predicted,
      low: predicted - limit * spread,
      high: predicted + limit * spread,
      ratio: candidate.ratio,
      unlikelihood: candidate.unlikelihood,
      readings: candidate.readings,
    });
    return "hold";
  }

  private judgeDistance(distance: number, timeMs: number): void {
    if (!this.distances || Number.isNaN(distance)) return;
    const y = Math.log(distance + 0.01);
    const found = this.distances.update(y, 0.02, this.p, context.strictness, this.episode === undefined);
    if (!found) return;
    const { ratio, unlikelihood, readings } = found;
    joined.push({
      signal: ALL_SIGNALS,
      kind: "relation",
      sinceMs: timeMs,
      deviation: Math.exp(found.current),
      expected: Math.exp(found.expected),
      low: 0,
      high: Math.exp(found.high),
      ratio,
      unlikelihood,
      readings,
    });
  }

  private judgeModel(score: number, timeMs: number): void {
    this.model ??= new Upward();
    const floor = 1e-9 * Math.abs(score) + 1e-300;
    const found = this.model.update(score, floor, this.p, context.strictness, this.episode === undefined);
    if (!found) return;
    const { current, expected, high, ratio, unlikelihood, readings } = found;
    joined.push({
      signal: ALL_SIGNALS,
      kind: "model",
      sinceMs: timeMs,
      deviation: current - expected,
      expected,
      low: expected,
      high,
      ratio,
      unlikelihood,
      readings,
    });
  }

  /** Finds what goes on, and turns it into the episode's events. */
  private follow(timeMs: number, values: readonly (number | undefined)[]): PlantEvent[] | undefined {
    const { signals } = this;
    let active = (this.distances?.held ?? false) || (this.model?.held ?? false);
    for (let i = 0; i < this.count; i++) {
      const base = i * SIGNAL_FIELDS;
      if (timeMs < (this.maintenanceUntilMs?.[i] ?? 0)) continue;
      if (anyHeld(signals, base)) {
        active = true;
        this.memory.watch(signals, i, timeMs);
      }
      if (signals[base + RUN]! >= 9 && this.isStuck(i)) {
        active = true;
        this.keep(i, "stuck", timeMs, values[i] ?? 0);
      }
      if (signals[base + ABSENT]! >= 5 && signals[base + ABSENT]! >= missingAfter(signals, base)) {
        active = true;
        this.keep(i, "missing", timeMs, 0);
      }
      const limits = this.settings.limits[i];
      const x = values[i];
      if (limits && x !== undefined && (x < (limits.low ?? -Infinity) || x > (limits.high ?? Infinity))) {
        active = true;
        this.keep(i, "range", timeMs, x, limits);
      }
    }
    const { episode } = this;
    if (episode === undefined) return joined.length === 0 ? undefined : [this.open(timeMs)];
    const events: PlantEvent[] = [];
    if (active) this.recognise(episode);
    if (joined.length > 0 && this.extend(episode, timeMs)) events.push({ phase: "ongoing", episode });
    if (active) {
      episode.lastMs = timeMs;
      episode.messages++;
      episode.quiet = 0;
      if (timeMs - episode.startMs > this.settings.newLevelAfterMs && !episode.confirmed) {
        this.acceptLevels();
        events.push(this.close("newLevel"));
      }
    } else if (++episode.quiet >= QUIET) events.push(this.close("returned"));
    return events.length === 0 ? undefined : events;
  }

  private open(timeMs: number): PlantEvent {
    const members = joined.splice(0);
    const toldRatio = Math.max(...members.map(({ ratio }) => ratio));
    this.episode = {
      startMs: timeMs,
      lastMs: timeMs,
      messages: 1,
      quiet: 0,
      toldMs: timeMs,
      toldRatio,
      members,
      confirmed: false,
    };
    this.spent++;
    this.plan();
    return { phase: "opened", episode: this.episode };
  }

  /** Adds findings to the episode. True when they are to be told: other signals after a moment, or much worse ones. */
  private extend(episode: PlantEpisode, timeMs: number): boolean {
    let fresh = false;
    let ratio = 0;
    for (const member of joined.splice(0)) {
      ratio = Math.max(ratio, member.ratio);
      const known = episode.members.find(({ signal, kind }) => signal === member.signal && kind === member.kind);
      if (known) {
        if (member.ratio > known.ratio) Object.assign(known, member, { sinceMs: known.sinceMs });
      } else {
        const says = SAYS[member.kind];
        fresh ||= !episode.members.some(
          (each) => each.signal === member.signal && says !== undefined && SAYS[each.kind] === says,
        );
        if (episode.members.length < 4 * this.count + 4) episode.members.push(member);
      }
    }
    // Each time that it is told what else is wrong, the wait for the next doubles.
    const wait = Math.max(60_000, 30 * this.intervalMs, episode.toldMs - episode.startMs);
    const later = timeMs - episode.toldMs > wait;
    if (!(fresh && later) && ratio <= 2 * episode.toldRatio) return false;
    episode.toldMs = timeMs;
    episode.toldRatio = Math.max(ratio, episode.toldRatio);
    return true;
  }

  /** A spike that lasts is a level. It is not told by itself: that its episode is not closed says as much. */
  private recognise(episode: PlantEpisode): void {
    for (const member of episode.members) {
      if (member.kind !== "spike" && member.kind !== "dip") continue;
      const hold = holdOf(this.signals, member.signal * SIGNAL_FIELDS, LEVEL);
      if (!hold || hold.window === 0) continue;
      member.kind = "level";
      member.readings = hold.readings;
      member.deviation = hold.now - hold.anchor;
    }
  }

  private isStuck(i: number): boolean {
    const base = i * SIGNAL_FIELDS;
    const limit = this.settings.limits[i]?.flatlineSeconds;
    if (limit !== undefined) return this.signals[base + RUN]! * this.intervalMs >= limit * 1000;
    return this.signals[base + RUN]! >= stuckAfter(this.signals, base, this.p);
  }

  /** Keeps a finding that is a state rather than a deviation. */
  private keep(signal: number, kind: AnomalyKind, timeMs: number, x: number, limits?: Limits): void {
    if (this.episode?.members.some((each) => each.signal === signal && each.kind === kind)) return;
    const low = limits?.low ?? -Infinity;
    const high = limits?.high ?? Infinity;
    joined.push({
      signal,
      kind,
      sinceMs: timeMs,
      deviation: limits ? (x < low ? x - low : x - high) : 0,
      expected: x,
      low: Number.isFinite(low) ? low : x,
      high: Number.isFinite(high) ? high : x,
      ratio: kind === "range" ? 3 : 1.5,
      unlikelihood: 16,
      readings: 1,
    });
  }

  /** The machine sends nothing any more. */
  public fallSilent(sinceMs: number): PlantEvent[] {
    if (this.episode?.members.some(({ kind }) => kind === "silence")) return [];
    joined.length = 0;
    this.keep(ALL_SIGNALS, "silence", sinceMs, 0);
    if (this.episode === undefined) return [this.open(sinceMs)];
    this.extend(this.episode, sinceMs);
    return [{ phase: "ongoing", episode: this.episode }];
  }

  public close(reason: CloseReason): PlantEvent {
    const episode = this.episode!;
    this.episode = undefined;
    return { phase: "closed", episode, reason };
  }

  /** Takes what is measured now as normal: of one signal, or of all. */
  public acceptLevels(signal?: number): void {
    const { signals } = this;
    for (let i = 0; i < this.count; i++) {
      if (signal !== undefined && signal !== i) continue;
      const base = i * SIGNAL_FIELDS;
      const hold = holdOf(signals, base, LEVEL);
      if (hold) this.joint?.move(i, hold.now);
      this.memory.accept(signals, i, context.timeMs);
      acceptSignal(signals, base);
      // A run that was accepted is a normal run.
      signals[base + LONGEST_RUN] = Math.max(signals[base + RUN]!, signals[base + LONGEST_RUN]!);
    }
    this.distances?.release();
    this.model?.release();
  }

  /** Whether a channel of a signal holds an anomaly; for tests and explanations. */
  public holds(signal: number, channel: Channel): boolean {
    return channel < CHANNELS && holdOf(this.signals, signal * SIGNAL_FIELDS, channel) !== undefined;
  }
}

function kindOf({ channel, window, direction }: Candidate): AnomalyKind {
  if (channel === NOISE) return "noise";
  if (channel === RELATION) return "relation";
  if (channel !== LEVEL) return "oscillation";
  if (window === 0) return direction > 0 ? "spike" : "dip";
  return window >= 3 ? "drift" : "level";
}
