import { chanceOf, strictnessOf } from "./budget";
import { acceptCadence, CADENCE_FIELDS, isCadenceHeld, judgeCadence } from "./cadence";
import { ofDistance, ofModel, ofSignal, ofState } from "./findings";
import { countPresent, Joint } from "./joint";
import { Memory } from "./memory";
import { type Candidate, createContext, type Decision } from "./candidate";
import { acceptSignal, holdOf } from "./holds";
import { absent, isStuck, missingAfter, present } from "./runs";
import { updateSignal } from "./signal";
import { SPARSE_MS } from "./sums";
import { ABSENT, anyHeld, isWarm, LEVEL, LONGEST_RUN, resetSignal, RUN, SIGNAL_FIELDS } from "./signal-state";
import { extendEpisode, goOn, openEpisode, quietToClose, recognise, worsen } from "./plant-episode";
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

/** Signals from which the distance of all is judged; fewer are judged well enough one by one. */
const DISTANCE_FROM = 4;
/** Messages in a row with other signals after which those are judged together. */
const OTHER_SIGNALS = 100;

/** Found in this message and not in an episode yet. Emptied before the next. */
const joined: Member[] = [];
/** The machine and the signal that are being judged: one context serves all machines. */
let judged: Machine | undefined;
let judgedSignal = 0;
const context = createContext(
  (candidate) => judged?.decide(candidate, judgedSignal) ?? "learn",
  (a, base) => {
    judged?.memory.leave(a, base / SIGNAL_FIELDS, context.timeMs);
  },
);
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
  /** The signals' states, then that of the cadence. */
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
    this.signals = new Float64Array(count * SIGNAL_FIELDS + CADENCE_FIELDS);
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
    context.sparse = this.intervalMs >= SPARSE_MS;
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
    if (dt >= 0) this.judgeCadence(dt, timeMs);
    return this.follow(timeMs, values);
  }

  /**
   * What is known of the signals of this message together; nothing when they are not those that the machine sends. When
   * a hundred messages in a row have others, those are what it sends.
   */
  private together(values: readonly (number | undefined)[]): Joint | undefined {
    const { joint } = this;
    if (joint?.covers(values, this.count)) {
      this.others = 0;
      return joint;
    }
    if (countPresent(values, this.count) < 2 || (joint && ++this.others < OTHER_SIGNALS)) return undefined;
    const members: number[] = [];
    for (let i = 0; i < this.count; i++) if (values[i] !== undefined) members.push(i);
    // A copy has no room for more.
    this.join(members.slice());
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

  /** Takes the limits that the budget of false alerts leaves. */
  private plan(): void {
    this.p = chanceOf(this.settings.falseAlertsPerMachineMonth, this.intervalMs, this.count);
    context.strictness = strictnessOf(this.spent);
  }

  /** What becomes of a candidate of a signal. */
  public decide(candidate: Candidate, signal: number): Decision {
    const now = context.timeMs;
    if (candidate.channel === LEVEL && this.memory.goToMode(this.signals, signal, candidate, now)) return "switched";
    if (candidate.ratio < 1) return "everyday";
    if (this.memory.isKnown(signal, candidate, now, this.episode?.startMs)) return "learn";
    joined.push(ofSignal(candidate, signal, now));
    return "hold";
  }

  private judgeDistance(distance: number, timeMs: number): void {
    if (!this.distances || Number.isNaN(distance)) return;
    const y = Math.log(distance + 0.01);
    const found = this.distances.update(y, 0.02, this.p, context.strictness, this.episode === undefined);
    if (found) joined.push(ofDistance(found, timeMs));
  }

  private judgeModel(score: number, timeMs: number): void {
    this.model ??= new Upward();
    const floor = 1e-9 * Math.abs(score) + 1e-300;
    const found = this.model.update(score, floor, this.p, context.strictness, this.episode === undefined);
    if (found) joined.push(ofModel(found, timeMs));
  }

  private judgeCadence(dt: number, timeMs: number): void {
    const { signals, count, settings, memory, episode } = this;
    if (this.maintenanceUntilMs?.every((untilMs) => timeMs < untilMs)) return;
    const o = count * SIGNAL_FIELDS;
    const found = judgeCadence(signals, o, dt, context, settings.cadence ?? {}, memory, episode?.startMs);
    if (found) joined.push(found);
  }

  /** Finds what goes on, and turns it into the episode's events. */
  private follow(timeMs: number, values: readonly (number | undefined)[]): PlantEvent[] | undefined {
    const { signals } = this;
    let active = (this.distances?.held ?? false) || (this.model?.held ?? false);
    active ||= isCadenceHeld(signals, this.count * SIGNAL_FIELDS);
    for (let i = 0; i < this.count; i++) {
      const base = i * SIGNAL_FIELDS;
      if (timeMs < (this.maintenanceUntilMs?.[i] ?? 0)) continue;
      if (anyHeld(signals, base)) {
        active = true;
        this.memory.watch(signals, i, timeMs);
      }
      const limits = this.settings.limits[i];
      if (signals[base + RUN]! >= 9 && isStuck(signals, base, this.p, this.intervalMs, limits?.flatlineSeconds)) {
        active = true;
        this.keep(i, "stuck", timeMs, values[i] ?? 0);
      }
      if (signals[base + ABSENT]! >= 5 && signals[base + ABSENT]! >= missingAfter(signals, base)) {
        active = true;
        this.keep(i, "missing", timeMs, 0);
      }
      const x = values[i];
      if (limits && x !== undefined && (x < (limits.low ?? -Infinity) || x > (limits.high ?? Infinity))) {
        active = true;
        this.keep(i, "range", timeMs, x, limits);
      }
    }
    const { episode } = this;
    if (episode === undefined) return joined.length === 0 ? undefined : [this.open(timeMs)];
    const events: PlantEvent[] = [];
    if (active) recognise(episode, signals);
    const worse = active && worsen(episode, signals, timeMs, this.intervalMs);
    const others = joined.length > 0 && extendEpisode(episode, joined.splice(0), timeMs, this.intervalMs, this.count);
    if (worse || others) events.push({ phase: "ongoing", episode });
    if (active) {
      goOn(episode, timeMs);
      if (timeMs - episode.startMs > this.settings.newLevelAfterMs && !episode.confirmed) {
        this.acceptLevels();
        events.push(this.close("newLevel"));
      }
    } else if (++episode.quiet >= quietToClose(episode)) events.push(this.close("returned"));
    return events.length === 0 ? undefined : events;
  }

  private open(timeMs: number): PlantEvent {
    this.episode = openEpisode(joined.splice(0), timeMs);
    this.spent++;
    this.plan();
    return { phase: "opened", episode: this.episode };
  }

  /** Keeps a finding that is a state rather than a deviation. */
  private keep(signal: number, kind: AnomalyKind, timeMs: number, x: number, limits?: Limits): void {
    if (this.episode?.members.some((each) => each.signal === signal && each.kind === kind)) return;
    joined.push(ofState(signal, kind, timeMs, x, limits));
  }

  /** The machine sends nothing any more. */
  public fallSilent(sinceMs: number): PlantEvent[] {
    if (this.episode?.members.some(({ kind }) => kind === "silence")) return [];
    joined.length = 0;
    this.keep(ALL_SIGNALS, "silence", sinceMs, 0);
    if (this.episode === undefined) return [this.open(sinceMs)];
    extendEpisode(this.episode, joined.splice(0), sinceMs, this.intervalMs, this.count);
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
    if (signal === undefined) acceptCadence(signals, this.count * SIGNAL_FIELDS);
  }
}
