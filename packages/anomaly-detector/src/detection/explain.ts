import { ALL_SIGNALS, type CloseReason, type Member, type PlantEpisode } from "./types";

/** Times of day in the plant's zone. */
export class PlantClock {
  private readonly format: Intl.DateTimeFormat;

  public constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      day: "2-digit",
      month: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  }

  /** "14:05:10", or with the day where `than` is on another: "24/11, 14:05:10". */
  public at(timeMs: number, than: number): string {
    const [day, time] = this.format.format(timeMs).split(", ");
    const [other] = this.format.format(than).split(", ");
    return day === other ? (time ?? "") : `${day ?? ""}, ${time ?? ""}`;
  }
}

/** A number as people write it: as many digits as its spread allows. */
export function told(value: number, reach: number): string {
  const size = Math.abs(reach);
  if (!Number.isFinite(value)) return "none";
  if (size === 0 || !Number.isFinite(size)) return String(Number(value.toPrecision(6)));
  const digits = Math.min(Math.max(1 - Math.floor(Math.log10(size)), 0), 12);
  return Math.abs(value) >= 1e15 ? value.toPrecision(6) : String(Number(value.toFixed(digits)));
}

const many = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? "" : "s"}`;

export function lasting(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : many(Math.round(seconds / 86_400), "day");
}

/** Time between two messages: "0.25 s", "12 s", "5 min". */
const interval = (seconds: number): string => (seconds < 10 ? `${Number(seconds.toPrecision(2))} s` : lasting(seconds));

/** What one finding says, for someone who reads it once. */
export function explainMember(
  member: Member,
  names: readonly string[],
  nowMs: number,
  clock: PlantClock,
  shares: string,
): string {
  const name = member.signal === ALL_SIGNALS ? "machine" : (names[member.signal] ?? "");
  const reach = Math.max((member.high - member.low) / 2, Math.abs(member.deviation) / 10);
  const number = (value: number): string => told(value, reach);
  const value = number(member.expected + member.deviation);
  const away = `${number(Math.abs(member.deviation))} ${member.deviation > 0 ? "above" : "below"}`;
  const expected = `the ${number(member.low)} to ${number(member.high)} that are expected`;
  const since = `since ${clock.at(member.sinceMs, nowMs)}`;
  switch (member.kind) {
    case "spike":
    case "dip":
      return `${name} was ${value} at ${clock.at(member.sinceMs, nowMs)}, ${away} the expected ${number(member.expected)} (${number(member.low)} to ${number(member.high)})`;
    case "level":
      return `${name} has another level ${since}: ${value} in the mean of ${many(member.readings, "message")} instead of ${expected}`;
    case "drift":
      return `${name} drifts, found at ${clock.at(member.sinceMs, nowMs)}: ${value} in the mean of ${many(member.readings, "message")} instead of ${expected}`;
    case "noise": {
      const times = Math.sqrt(Math.max(member.expected + member.deviation, 0) / Math.max(member.expected, 1e-9));
      return `${name} varies more than usual ${since}: at least ${times.toFixed(1)} times as much from message to message`;
    }
    case "oscillation":
      return member.deviation > 0
        ? `${name} swings in a way that it did not before ${since}: neighbouring readings go together more than usual`
        : `${name} jumps to and fro in a way that it did not before ${since}`;
    case "stuck":
      return `${name} has been exactly ${String(member.expected)} for longer than it ever is, found at ${clock.at(member.sinceMs, nowMs)}`;
    case "range":
      return `${name} was ${String(member.expected)} at ${clock.at(member.sinceMs, nowMs)}, ${member.deviation > 0 ? `above the site's limit of ${String(member.high)}` : `below the site's limit of ${String(member.low)}`}`;
    case "silence":
      return `no message has come since ${clock.at(member.sinceMs, nowMs)}`;
    case "cadence":
      return `a message comes each ${interval(member.expected + member.deviation)}, found at ${clock.at(member.sinceMs, nowMs)}, usually each ${interval(member.expected)}`;
    case "missing":
      return `${name} is missing from the messages, found at ${clock.at(member.sinceMs, nowMs)}`;
    case "relation":
      return member.signal === ALL_SIGNALS
        ? `the signals do not go together as usual ${since}${shares}`
        : `${name} is not where the other signals put it ${since}: ${Math.abs(member.deviation).toFixed(1)} times its usual distance ${member.deviation > 0 ? "above" : "below"}`;
    case "model":
      return `the model's score is ${value}, above the ${number(member.high)} that its usual ones stay below`;
  }
}

/** How an episode ended. */
export function explainClose(reason: CloseReason, episode: PlantEpisode, nowMs: number, clock: PlantClock): string {
  const since = clock.at(episode.startMs, nowMs);
  const seconds = lasting((episode.lastMs - episode.startMs) / 1000);
  switch (reason) {
    case "returned":
      return `over: back in what is expected ${clock.at(episode.lastMs, nowMs) === since ? `at ${since}` : `since ${clock.at(episode.lastMs, nowMs)}, after ${seconds}`}`;
    case "newLevel":
      return `over: what is measured since ${since} is taken as the new normal`;
    case "falseAlarm":
      return "over: a person called it a false alarm";
    case "silent":
      return "over: the machine fell silent";
    case "ended":
      return "over: the recording ended";
    case "evicted":
      return "over: the machine is not watched any more";
    case "switchedOff":
      return "over: the detector was switched off";
    case "maintenance":
      return "over: the machine is in maintenance";
    case "restarted":
      return "over: the module was started again and did not have the machine's state";
  }
}
