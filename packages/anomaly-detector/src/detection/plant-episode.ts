import { holdOf } from "./holds";
import { LEVEL, SIGNAL_FIELDS } from "./signal-state";
import type { AnomalyKind, Member, PlantEpisode } from "./types";

/** Kinds that say the same of a signal: that it is elsewhere, or that it moves otherwise. A second one is no news. */
const SAYS: Readonly<Partial<Record<AnomalyKind, string>>> = {
  spike: "place",
  dip: "place",
  level: "place",
  drift: "place",
  noise: "movement",
  oscillation: "movement",
};

/** An episode is told again for a finding that is so many times as far beyond its limit, or a level that has come so far. */
const WORSE = { found: 2, come: 3 } as const;
/** Messages without a finding that end an episode, at least. */
const QUIET = 12;
/** Messages without a finding that end one in which findings come and go, in means of the pauses so far: 1 in 150 is longer. */
const PAUSES = 5;

/** Messages without a finding that end an episode: while pauses as long are usual in it, it is the same anomaly. */
export function quietToClose({ returns, silent }: PlantEpisode): number {
  return returns === 0 ? QUIET : Math.max(QUIET, (PAUSES * silent) / returns);
}

/** An episode that begins with what was found in a message. */
export function openEpisode(members: Member[], timeMs: number): PlantEpisode {
  return {
    startMs: timeMs,
    lastMs: timeMs,
    messages: 1,
    quiet: 0,
    returns: 0,
    silent: 0,
    toldMs: timeMs,
    grewMs: timeMs,
    toldRatio: Math.max(...members.map(({ ratio }) => ratio)),
    members,
    confirmed: false,
  };
}

/** A message with a finding, new or held. */
export function goOn(episode: PlantEpisode, timeMs: number): void {
  if (episode.quiet > 0) {
    episode.returns++;
    episode.silent += episode.quiet;
  }
  episode.lastMs = timeMs;
  episode.messages++;
  episode.quiet = 0;
}

/** Milliseconds until it is told what else is wrong: each time the wait for the next doubles. */
function tellAfter({ startMs, toldMs }: PlantEpisode, intervalMs: number): number {
  return Math.max(60_000, 30 * intervalMs, toldMs - startMs);
}

/** Adds findings to the episode. True when they are to be told: other signals after a moment, or much worse ones. */
export function extendEpisode(
  episode: PlantEpisode,
  found: readonly Member[],
  timeMs: number,
  intervalMs: number,
  signals: number,
): boolean {
  let fresh = false;
  let ratio = 0;
  for (const member of found) {
    ratio = Math.max(ratio, member.ratio);
    const known = episode.members.find(({ signal, kind }) => signal === member.signal && kind === member.kind);
    if (known) {
      if (member.ratio > known.ratio) Object.assign(known, member, { sinceMs: known.sinceMs });
    } else {
      const says = SAYS[member.kind];
      fresh ||= !episode.members.some(
        (each) => each.signal === member.signal && says !== undefined && SAYS[each.kind] === says,
      );
      if (episode.members.length < 4 * signals + 4) episode.members.push(member);
    }
  }
  if (!(fresh && timeMs - episode.toldMs > tellAfter(episode, intervalMs)) && ratio <= WORSE.found * episode.toldRatio)
    return false;
  episode.toldMs = timeMs;
  episode.toldRatio = Math.max(ratio, episode.toldRatio);
  return true;
}

/**
 * Follows how far held levels have come: what is held is found only once, and a small deviation may become a large one.
 * True when that is to be told: not while it comes there little by little, as a machine does that starts.
 */
export function worsen(episode: PlantEpisode, signals: Float64Array, timeMs: number, intervalMs: number): boolean {
  let worst = 0;
  for (const member of episode.members) {
    if (SAYS[member.kind] !== "place") continue;
    const hold = holdOf(signals, member.signal * SIGNAL_FIELDS, LEVEL);
    if (!hold || hold.reach <= 0) continue;
    const deviation = hold.now - hold.anchor;
    const ratio = Math.abs(deviation) / hold.reach;
    if (ratio <= member.ratio) continue;
    member.ratio = ratio;
    member.deviation = deviation;
    worst = Math.max(worst, ratio);
  }
  if (worst === 0) return false;
  const rested = timeMs - episode.grewMs > tellAfter(episode, intervalMs);
  episode.grewMs = timeMs;
  if (!rested) episode.toldRatio = Math.max(worst, episode.toldRatio);
  if (worst <= WORSE.come * episode.toldRatio) return false;
  episode.toldMs = timeMs;
  episode.toldRatio = worst;
  return true;
}

/** A spike that lasts is a level. It is not told by itself: that its episode is not closed says as much. */
export function recognise(episode: PlantEpisode, signals: Float64Array): void {
  for (const member of episode.members) {
    if (member.kind !== "spike" && member.kind !== "dip") continue;
    const hold = holdOf(signals, member.signal * SIGNAL_FIELDS, LEVEL);
    if (!hold || hold.window === 0) continue;
    member.kind = "level";
    member.readings = hold.readings;
    member.deviation = hold.now - hold.anchor;
  }
}
