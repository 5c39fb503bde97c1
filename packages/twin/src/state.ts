import { isObject, stableJson } from "@edge-anomaly-detection/common";
import { SEVERITIES, type Severity, wordsOf } from "@edge-anomaly-detection/maintenance";
import { type Health, HEALTHS } from "./models";
import { compare } from "./plant";

/** What a message of a hub says of a machine's episode. */
export interface EpisodeNews {
  readonly machineId: string;
  readonly episodeId: string;
  readonly phase: "open" | "closed";
  readonly severity: Severity;
  /** Kind of anomaly; `confirmed` where an operator says that it is one. */
  readonly kind: string;
  readonly signal: string;
  /** ISO 8601, as are all times here. */
  readonly startedAt: string;
  /** When it was said. */
  readonly at: string;
  readonly explanation: string;
  /** Reading of the signal. @default - none, or one of several signals together */
  readonly value?: number;
}

/** An episode as a machine's twin keeps it. */
export interface KeptEpisode {
  readonly phase: "open" | "closed";
  readonly severity: Severity;
  readonly kind: string;
  readonly signal: string;
  readonly startedAt: string;
  readonly at: string;
  readonly closedAt?: string;
}

/** The anomaly that began last, as a machine's twin keeps it. */
export interface LastAnomaly {
  readonly episodeId: string;
  readonly severity: Severity;
  readonly kind: string;
  readonly signal: string;
  readonly startedAt: string;
  readonly at: string;
  readonly explanation: string;
}

/** State of a machine in its twin. */
export interface MachineState {
  readonly health: Health;
  readonly healthLevel: number;
  readonly openEpisodes: number;
  readonly episodes: Readonly<Record<string, KeptEpisode>>;
  readonly lastAnomaly?: LastAnomaly;
}

/** State of a signal in its twin. */
export interface SignalState {
  readonly lastAnomalyAt?: string;
  readonly lastAnomalousValue?: number;
}

/**
 * Milliseconds for which an episode that has ended is remembered, from the machine's newest message on: an earlier message of it that
 * comes later does not open it again. As long as Event Grid tries to deliver.
 */
const REMEMBERED_MS = 24 * 3_600_000;
/** Episodes in a twin, which takes 32 KB: those that ended first go first. */
const MAX_EPISODES = 100;
/** Characters of an explanation. */
const MAX_EXPLANATION = 500;

/** What an Event Grid event of a hub's telemetry says of episodes; probes, scores and other modules say nothing. */
export function newsOf(event: unknown): EpisodeNews[] {
  const bodies = isObject(event) && isObject(event.data) ? event.data.body : undefined;
  const values = new Map(
    (Array.isArray(bodies) ? bodies : [bodies])
      .filter(isObject)
      .map((body) => [stableJson([body.episodeId, body.eventTime]), body.value]),
  );
  return wordsOf(event).map(({ says, at, episode }) => {
    const value = values.get(stableJson([episode.episodeId, at]));
    return {
      machineId: episode.machineId,
      episodeId: episode.episodeId,
      phase: says === "over" ? "closed" : "open",
      severity: episode.severity,
      kind: episode.kind,
      signal: episode.signal,
      startedAt: utc(episode.startedAt) ?? utc(at) ?? at,
      at: utc(at) ?? at,
      explanation: episode.explanation.slice(0, MAX_EXPLANATION),
      ...(typeof value === "number" && Number.isFinite(value) && !episode.signal.includes("+") && { value }),
    };
  });
}

/** Times in one form, so that their texts compare as they do; undefined for what is none. */
function utc(time: string): string | undefined {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/**
 * A machine's state after a message. Messages may come twice and in any order: for those of a day the same state comes out, because
 * each part keeps the later, an end is final, and everything else is computed from the episodes.
 */
export function withNews(state: MachineState, news: EpisodeNews): MachineState {
  const { episodeId, explanation } = news;
  const newest = latest([
    news.at,
    state.lastAnomaly?.at,
    ...Object.values(state.episodes).flatMap(({ at, closedAt }) => [at, closedAt]),
  ]);
  const isRemembered = (at: string): boolean => Date.parse(newest) - Date.parse(at) <= REMEMBERED_MS;
  const known = Object.hasOwn(state.episodes, episodeId) ? state.episodes[episodeId] : undefined;
  if (known === undefined && !isRemembered(news.at)) {
    // Its end may have been forgotten.
    return state;
  }
  const episodes = shortened({ ...state.episodes, [episodeId]: joined(known, kept(news)) }, isRemembered);
  const open = Object.values(episodes).filter(({ phase }) => phase === "open");
  const healthLevel = Math.max(0, ...open.map(({ severity }) => SEVERITIES.indexOf(severity) + 1));
  const { severity, kind, signal, startedAt, at } = news;
  const anomaly =
    isDetectors(news) && news.phase === "open"
      ? { episodeId, severity, kind, signal, startedAt, at, explanation }
      : undefined;
  const lastAnomaly = laterAnomaly(state.lastAnomaly, anomaly);
  return {
    health: HEALTHS[healthLevel] ?? "normal",
    healthLevel,
    openEpisodes: open.length,
    episodes,
    ...(lastAnomaly !== undefined && { lastAnomaly }),
  };
}

/** A signal's state after a message. */
export function withReading(state: SignalState, { at, value }: EpisodeNews): SignalState {
  const { lastAnomalyAt, lastAnomalousValue } = state;
  const isLater =
    lastAnomalyAt === undefined ||
    at > lastAnomalyAt ||
    (at === lastAnomalyAt && (value ?? 0) > (lastAnomalousValue ?? 0));
  return isLater ? { lastAnomalyAt: at, ...(value !== undefined && { lastAnomalousValue: value }) } : state;
}

const isDetectors = ({ kind }: { readonly kind: string }): boolean => kind !== "confirmed";

const latest = (times: readonly (string | undefined)[]): string =>
  times.reduce<string>((last, time) => (time !== undefined && time > last ? time : last), "");

function kept({ phase, severity, kind, signal, startedAt, at }: EpisodeNews): KeptEpisode {
  return { phase, severity, kind, signal, startedAt, at, ...(phase === "closed" && { closedAt: at }) };
}

/** What two messages of an episode say together, in whatever order: detectors know more of it than operators, the later more than the earlier. */
function joined(one: KeptEpisode | undefined, other: KeptEpisode): KeptEpisode {
  if (one === undefined) {
    return other;
  }
  const closedAt = latest([one.closedAt, other.closedAt]);
  const rank = ({ severity, kind, signal, startedAt, at }: KeptEpisode): string =>
    stableJson([isDetectors({ kind }), at, SEVERITIES.indexOf(severity), kind, signal, startedAt]);
  const { severity, kind, signal, startedAt, at } = compare(rank(one), rank(other)) >= 0 ? one : other;
  return {
    phase: closedAt === "" ? "open" : "closed",
    severity,
    kind,
    signal,
    startedAt,
    at,
    ...(closedAt !== "" && { closedAt }),
  };
}

function laterAnomaly(one: LastAnomaly | undefined, other: LastAnomaly | undefined): LastAnomaly | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  const rank = ({ startedAt, at, ...rest }: LastAnomaly): string => stableJson([startedAt, at, rest]);
  return compare(rank(one), rank(other)) >= 0 ? one : other;
}

/** Without what ended long ago, in the order of ids. */
function shortened(
  episodes: Readonly<Record<string, KeptEpisode>>,
  isRemembered: (at: string) => boolean,
): Readonly<Record<string, KeptEpisode>> {
  const all = Object.entries(episodes).filter(
    ([, { closedAt, at }]) => closedAt === undefined || isRemembered(latest([closedAt, at])),
  );
  const byWorth = all.sort(
    ([idA, a], [idB, b]) =>
      compare(a.closedAt ?? "~", b.closedAt ?? "~") || compare(a.startedAt, b.startedAt) || compare(idA, idB),
  );
  return Object.fromEntries(byWorth.slice(-MAX_EPISODES).sort(([a], [b]) => compare(a, b)));
}

/** An operation of JSON Patch (RFC 6902), as Azure Digital Twins takes it. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** What makes one set of properties out of another; properties that `after` lacks are removed. */
export function patchOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): PatchOperation[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): PatchOperation[] => {
    const [old, value] = [before[name], after[name]];
    const path = `/${name}`;
    if (stableJson(old) === stableJson(value)) {
      return [];
    }
    return value === undefined
      ? [{ op: "remove", path }]
      : [{ op: old === undefined ? "add" : "replace", path, value }];
  });
}

/** The state in a machine's twin as it was read; what is missing is what it begins with. */
export function machineStateOf(twin: Readonly<Record<string, unknown>>): MachineState {
  const { health, healthLevel, openEpisodes, episodes, lastAnomaly } = twin;
  return {
    health: HEALTHS.find((one) => one === health) ?? "normal",
    healthLevel: typeof healthLevel === "number" ? healthLevel : 0,
    openEpisodes: typeof openEpisodes === "number" ? openEpisodes : 0,
    episodes: isObject(episodes) ? (withoutMetadata(episodes) as MachineState["episodes"]) : {},
    ...(isObject(lastAnomaly) && { lastAnomaly: withoutMetadata(lastAnomaly) as unknown as LastAnomaly }),
  };
}

/** The state in a signal's twin as it was read. */
export function signalStateOf({ lastAnomalyAt, lastAnomalousValue }: Readonly<Record<string, unknown>>): SignalState {
  return {
    ...(typeof lastAnomalyAt === "string" && { lastAnomalyAt }),
    ...(typeof lastAnomalousValue === "number" && { lastAnomalousValue }),
  };
}

/** The service adds `$metadata` to what it answers. */
const withoutMetadata = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith("$")));
