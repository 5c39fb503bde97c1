import type { Candidate } from "./candidate";
import { holdOf } from "./holds";
import { heldMode, switchMode } from "./modes";
import { DIFFERENCE, LEVEL, RELATION, SIGNAL_FIELDS } from "./signal-state";

/** A kind of anomaly that was there before, with the sizes of the largest. Plain data. */
export interface Pattern {
  key: number;
  /** Descending. */
  sizes: number[];
  lastMs: number;
  /** A person said that it was a fault: it never becomes normal. */
  confirmed: boolean;
}

/** A level that a signal was at for a while. Plain data. */
export interface Mode {
  signal: number;
  level: number;
  /** Mean squared difference of neighbouring readings there. */
  difference: number;
  visits: number;
  lastMs: number;
  confirmed: boolean;
}

/** What of a candidate is compared with those that were there before. */
type Remembered = Pick<Candidate, "channel" | "window" | "direction" | "current" | "predicted">;

/** Where a held level is, before it returns. */
interface Away {
  sinceMs: number;
  count: number;
  /** Reading at which the next look is taken, and looks so far. */
  next: number;
  looks: number;
  before: { level: number; difference: number };
  last: { level: number; difference: number };
}

/** Unconfirmed anomalies of a kind after which others of their size are the machine's normal: lone readings, others. */
const NORMAL_AFTER = { single: 4, lasting: 3 } as const;
/** What counts as no larger than those. */
const SIZE_PLAY = 1.3;
const MAX_PATTERNS = 64;
/** Visits after which a level is normal: the first that a signal has besides its own, and further ones. */
const VISITS = { first: 2, further: 1 } as const;
/**
 * A signal is at rest where its neighbours differ by less than this share of the way there, or so many times as much as
 * usual: a fault that throws it about leaves no level, whose width would let all values around pass.
 */
const REST = { share: 0.1, usual: 2 } as const;
const MAX_MODES = 8;
/** Levels nearer than so many differences of neighbours are one. */
const SAME_LEVEL = 1;
/** Readings between two looks at a held level; a visit has two looks. */
const LOOK_READINGS = 3;

/**
 * What a machine does again and again although it looked like an anomaly the first times: levels that it visits, and
 * deviations of a kind and size. Each is alerted some times and is normal from then on, unless a person said otherwise.
 */
export class Memory {
  public patterns: Pattern[] = [];
  public modes: Mode[] = [];
  private away: Map<number, Away> | undefined;

  /** Whether a candidate is no news; keeps it either way. `startMs`: of the episode that is open. */
  public isKnown(signal: number, candidate: Remembered, nowMs: number, startMs: number | undefined): boolean {
    const { channel, window, direction, current, predicted } = candidate;
    const single = window === 0 && (channel === LEVEL || channel === RELATION);
    const key = signal * 16 + channel * 4 + (single ? 0 : 2) + (direction > 0 ? 1 : 0);
    const size = Math.abs(current - predicted);
    let pattern: Pattern | undefined;
    for (const each of this.patterns) if (each.key === key) pattern = each;
    if (!pattern) {
      if (this.patterns.length >= MAX_PATTERNS) this.forgetOldest();
      pattern = { key, sizes: [], lastMs: -1, confirmed: false };
      this.patterns.push(pattern);
    }
    const needed = single ? NORMAL_AFTER.single : NORMAL_AFTER.lasting;
    const known = !pattern.confirmed && size <= SIZE_PLAY * (pattern.sizes[needed - 1] ?? 0);
    // Within an episode a kind counts once.
    if (known || startMs === undefined || pattern.lastMs < startMs) {
      pattern.sizes.push(size);
      pattern.sizes.sort((x, y) => y - x);
      pattern.sizes.length = Math.min(pattern.sizes.length, NORMAL_AFTER.single);
    }
    pattern.lastMs = nowMs;
    return known;
  }

  private forgetOldest(): void {
    let oldest = 0;
    this.patterns.forEach((each, i) => {
      const other = this.patterns[oldest]!;
      if (
        other.confirmed ? !each.confirmed || each.lastMs < other.lastMs : !each.confirmed && each.lastMs < other.lastMs
      ) {
        oldest = i;
      }
    });
    this.patterns.splice(oldest, 1);
  }

  /** Goes over to a level that the signal is known to have, if the candidate is at one. */
  public goToMode(
    a: Float64Array,
    signal: number,
    candidate: Pick<Candidate, "now" | "predicted" | "spread" | "limit">,
    nowMs: number,
    beforeMs = Infinity,
  ): boolean {
    const { now, predicted, spread, limit } = candidate;
    let several = false;
    let any = false;
    for (const mode of this.modes) {
      if (mode.signal !== signal || mode.confirmed) continue;
      any = true;
      if (mode.visits > VISITS.first) several = true;
    }
    if (!any) return false;
    const needed = several ? VISITS.further : VISITS.first;
    const jump = Math.abs(now - predicted);
    let nearest: Mode | undefined;
    for (const mode of this.modes) {
      if (mode.signal !== signal || mode.confirmed || mode.visits < needed || mode.lastMs >= beforeMs) continue;
      const near = Math.max(4 * Math.sqrt(mode.difference), 0.1 * jump, 0.3 * spread * Math.min(limit, 10));
      const away = Math.abs(now - mode.level);
      if (away > near || Math.abs(mode.level - predicted) < 0.5 * jump) continue;
      if (!nearest || away < Math.abs(now - nearest.level)) nearest = mode;
    }
    if (!nearest) return false;
    nearest.visits++;
    nearest.lastMs = nowMs;
    const left = switchMode(a, signal * SIGNAL_FIELDS, nearest.level, nearest.difference);
    this.visit(signal, left.level, left.difference, nowMs, VISITS.first);
    return true;
  }

  /** Keeps a level that a signal was at; `atLeast`: visits that it counts as; `sinceMs`: visits since then are one. */
  public visit(
    signal: number,
    level: number,
    difference: number,
    nowMs: number,
    atLeast = 0,
    sinceMs = Infinity,
  ): void {
    for (const mode of this.modes) {
      const reach = SAME_LEVEL * Math.sqrt(Math.max(mode.difference, difference)) + 1e-9 * Math.abs(level);
      if (mode.signal !== signal || Math.abs(mode.level - level) > reach) continue;
      mode.level += 0.3 * (level - mode.level);
      mode.difference += 0.3 * (difference - mode.difference);
      if (atLeast > 0) mode.visits = Math.max(mode.visits, atLeast);
      else if (mode.lastMs < sinceMs) mode.visits++;
      mode.lastMs = nowMs;
      return;
    }
    const own = this.modes.filter((mode) => mode.signal === signal && !mode.confirmed);
    if (own.length >= MAX_MODES) {
      const least = own.reduce((x, y) => (y.visits < x.visits ? y : x));
      this.modes.splice(this.modes.indexOf(least), 1);
    }
    this.modes.push({ signal, level, difference, visits: Math.max(atLeast, 1), lastMs: nowMs, confirmed: false });
  }

  /** Keeps a level that a held signal was at, if it was at rest there. */
  private visitAtRest(
    a: Float64Array,
    anchor: number,
    signal: number,
    { level, difference }: Away["before"],
    nowMs: number,
    sinceMs: number,
  ): void {
    const way = REST.share * (level - anchor);
    const usual = REST.usual ** 2 * a[signal * SIGNAL_FIELDS + DIFFERENCE]!;
    if (difference <= Math.max(way * way, usual)) this.visit(signal, level, difference, nowMs, 0, sinceMs);
  }

  /**
   * Follows a held level, whose place some readings ago is what counts: it may be half back when the hold ends. A level
   * that it leaves for another is kept as visited; one that is known to be normal ends the hold.
   */
  public watch(a: Float64Array, signal: number, nowMs: number): void {
    const base = signal * SIGNAL_FIELDS;
    const hold = holdOf(a, base, LEVEL);
    if (!hold) return;
    let away = this.away?.get(signal);
    if (away?.sinceMs !== hold.sinceMs) {
      const nowhere = { level: 0, difference: 0 };
      away = { sinceMs: hold.sinceMs, count: 0, next: LOOK_READINGS, looks: 0, before: nowhere, last: nowhere };
      this.away ??= new Map();
      this.away.set(signal, away);
    }
    if (away.count++ < away.next) return;
    away.next = away.count + Math.max(LOOK_READINGS, hold.readings);
    const { level, difference } = heldMode(a, base);
    const moved = Math.abs(level - away.last.level) > 4 * Math.sqrt(Math.max(difference, away.last.difference));
    if (away.looks >= 2 && moved) {
      this.visitAtRest(a, hold.anchor, signal, away.before, nowMs, hold.sinceMs);
      away.looks = 0;
    }
    away.looks++;
    away.before = away.last;
    away.last = { level, difference };
    if (away.looks < 2 || moved) return;
    const candidate = { now: level, predicted: hold.anchor, spread: Math.sqrt(difference), limit: 4 };
    // What was visited in this very hold is not known yet.
    if (this.goToMode(a, signal, candidate, nowMs, hold.sinceMs)) this.away?.delete(signal);
  }

  /** A hold of the level ends because the signal returned: where it was counts as visited. */
  public leave(a: Float64Array, signal: number, nowMs: number): void {
    const away = this.away?.get(signal);
    const hold = holdOf(a, signal * SIGNAL_FIELDS, LEVEL);
    this.away?.delete(signal);
    if (!away || away.sinceMs !== hold?.sinceMs || away.looks < 2) return;
    this.visitAtRest(a, hold.anchor, signal, away.before, nowMs, away.sinceMs);
  }

  /** What is held now is normal: its level and the one from before are modes. */
  public accept(a: Float64Array, signal: number, nowMs: number): void {
    const base = signal * SIGNAL_FIELDS;
    const hold = holdOf(a, base, LEVEL);
    this.away?.delete(signal);
    if (!hold) return;
    const { level, difference } = heldMode(a, base);
    if (difference > 0) this.visit(signal, level, difference, nowMs, VISITS.first);
    this.visit(signal, hold.anchor, a[base + DIFFERENCE]!, nowMs, VISITS.first);
  }

  /** A person judged what was found from `startMs` to `lastMs`. */
  public judge(startMs: number, lastMs: number, fault: boolean): void {
    for (const each of [...this.patterns, ...this.modes]) {
      if (each.lastMs >= startMs && each.lastMs <= lastMs) each.confirmed = fault;
    }
    if (fault) return;
    for (const pattern of this.patterns) {
      if (pattern.lastMs < startMs || pattern.lastMs > lastMs) continue;
      pattern.sizes = new Array<number>(NORMAL_AFTER.single).fill(pattern.sizes[0] ?? 0);
    }
    for (const mode of this.modes) {
      if (mode.lastMs >= startMs && mode.lastMs <= lastMs) mode.visits = Math.max(mode.visits, VISITS.first);
    }
  }
}
