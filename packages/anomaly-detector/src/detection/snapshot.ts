import { Machine } from "./machine";
import type { Mode, Pattern } from "./memory";
import { SIGNAL_FIELDS } from "./signal-state";
import { ALL_SIGNALS, ANOMALY_KINDS, type Member, type PlantEpisode, type PlantSettings } from "./types";
import { Upward } from "./upward";

/** A machine's state as JSON: numbers of statistics as base64 of little-endian doubles. */
export interface MachineSnapshot {
  readonly count: number;
  readonly lastMs: number;
  readonly messages: number;
  readonly intervalMs: number;
  readonly spent: number;
  readonly maintenanceUntilMs: readonly number[] | null;
  readonly signals: string;
  readonly others: number;
  readonly joint: { readonly members: readonly number[]; readonly seen: number; readonly state: string } | null;
  readonly distances: string | null;
  readonly model: string | null;
  readonly patterns: readonly Pattern[];
  readonly modes: readonly Mode[];
  readonly episode: PlantEpisode | null;
}

function encode(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

/** Fills `into` from base64. False when there are not just as many finite numbers. */
function decode(text: unknown, into: Float64Array): boolean {
  if (typeof text !== "string") return false;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== into.byteLength) return false;
  for (let i = 0; i < into.length; i++) into[i] = bytes.readDoubleLE(8 * i);
  return into.every(Number.isFinite);
}

export function saveMachine(machine: Machine): MachineSnapshot {
  const { joint, distances, model, memory, episode } = machine;
  return {
    count: machine.count,
    lastMs: machine.lastMs,
    messages: machine.messages,
    intervalMs: machine.intervalMs,
    spent: machine.spent,
    maintenanceUntilMs: machine.maintenanceUntilMs ? [...machine.maintenanceUntilMs] : null,
    signals: encode(machine.signals),
    others: machine.others,
    joint: joint ? { members: joint.members, seen: joint.seen, state: encode(joint.state) } : null,
    distances: distances ? encode(distances.state) : null,
    model: model ? encode(model.state) : null,
    patterns: structuredClone(memory.patterns),
    modes: structuredClone(memory.modes),
    episode: episode ? structuredClone(episode) : null,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Whether a value is a list of records with just the given keys, each of its type. */
function isListOf(
  value: unknown,
  shape: Readonly<Record<string, (each: unknown) => boolean>>,
): value is Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((each) => isShaped(each, shape));
}

function isShaped(value: unknown, shape: Readonly<Record<string, (each: unknown) => boolean>>): boolean {
  if (!isRecord(value)) return false;
  const keys = Object.keys(shape);
  return Object.keys(value).length === keys.length && keys.every((key) => shape[key]!(value[key]));
}

const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const PATTERN = {
  key: isNumber,
  sizes: (value: unknown) => Array.isArray(value) && value.length <= 16 && value.every(isNumber),
  lastMs: isNumber,
  confirmed: isBoolean,
};
const MODE = {
  signal: isNumber,
  level: isNumber,
  difference: isNumber,
  visits: isNumber,
  lastMs: isNumber,
  confirmed: isBoolean,
};
const MEMBER: Readonly<Record<keyof Member, (value: unknown) => boolean>> = {
  signal: isNumber,
  kind: (value) => (ANOMALY_KINDS as readonly unknown[]).includes(value),
  sinceMs: isNumber,
  deviation: isNumber,
  expected: isNumber,
  low: isNumber,
  high: isNumber,
  ratio: isNumber,
  unlikelihood: isNumber,
  readings: isNumber,
};
const EPISODE: Readonly<Record<keyof PlantEpisode, (value: unknown) => boolean>> = {
  startMs: isNumber,
  lastMs: isNumber,
  messages: isNumber,
  quiet: isNumber,
  returns: isNumber,
  silent: isNumber,
  toldMs: isNumber,
  grewMs: isNumber,
  toldRatio: isNumber,
  members: (value) => isListOf(value, MEMBER) && value.length > 0,
  confirmed: isBoolean,
};

/** Makes a machine of a saved one. Returns a sentence when what was saved is not sound; nothing of it is taken then. */
export function restoreMachine(saved: unknown, count: number, settings: PlantSettings): Machine | string {
  if (!isRecord(saved)) return "the saved machine is no object";
  const s = saved as Readonly<Partial<Record<keyof MachineSnapshot, unknown>>>;
  if (s.count !== count) return `the saved machine has ${String(s.count)} signals, the configuration ${count}`;
  const machine = new Machine(count, settings);
  for (const key of ["lastMs", "messages", "intervalMs", "spent", "others"] as const) {
    const value = s[key];
    if (!isNumber(value)) return `${key} is no number`;
    machine[key] = value;
  }
  const until = s.maintenanceUntilMs;
  if (until !== null && (!Array.isArray(until) || until.length !== count || !until.every(isNumber)))
    return "maintenanceUntilMs is not sound";
  if (until !== null) machine.maintenanceUntilMs = [...until];
  if (!decode(s.signals, machine.signals)) return "the signals' statistics are not sound";
  const inRange = (signal: unknown): boolean => Number.isInteger(signal) && isNumber(signal) && signal < count;
  if (s.joint !== null) {
    const joint = s.joint;
    if (!isRecord(joint) || !Array.isArray(joint.members) || joint.members.length < 2)
      return "the signals together are not sound";
    const members = joint.members as unknown[];
    if (!members.every((each) => inRange(each) && (each as number) >= 0) || new Set(members).size !== members.length) {
      return "the signals together are not sound";
    }
    machine.join(members as number[]);
    machine.others = s.others as number;
    if (!machine.joint || !isNumber(joint.seen) || !decode(joint.state, machine.joint.state)) {
      return "the statistics of all signals together are not sound";
    }
    machine.joint.seen = joint.seen;
  }
  if (machine.distances && !decode(s.distances, machine.distances.state))
    return "the distances' statistics are not sound";
  if (s.model !== null) {
    machine.model = new Upward();
    if (!decode(s.model, machine.model.state)) return "the model's statistics are not sound";
  }
  if (!isListOf(s.patterns, PATTERN)) return "the patterns are not sound";
  if (!isListOf(s.modes, MODE) || !s.modes.every((mode) => inRange(mode.signal) && (mode.signal as number) >= 0))
    return "the modes are not sound";
  machine.memory.patterns = structuredClone(s.patterns) as unknown as Pattern[];
  machine.memory.modes = structuredClone(s.modes) as unknown as Mode[];
  if (s.episode !== null) {
    if (!isShaped(s.episode, EPISODE)) return "the episode is not sound";
    const episode = structuredClone(s.episode) as PlantEpisode;
    if (!episode.members.every(({ signal }) => inRange(signal) && signal >= ALL_SIGNALS))
      return "the episode is not sound";
    machine.episode = episode;
  }
  return machine;
}

/** What is known of a machine, for a configuration whose signals are others: those that are the same keep their state. */
export function reshapeMachine(
  machine: Machine,
  from: readonly string[],
  to: readonly string[],
  settings: PlantSettings,
): Machine {
  const taken = new Machine(to.length, settings);
  taken.lastMs = machine.lastMs;
  taken.messages = machine.messages;
  taken.intervalMs = machine.intervalMs;
  taken.spent = machine.spent;
  taken.signals.set(machine.signals.subarray(from.length * SIGNAL_FIELDS), to.length * SIGNAL_FIELDS);
  to.forEach((signal, i) => {
    const j = from.indexOf(signal);
    if (j < 0) return;
    taken.signals.set(machine.signals.subarray(j * SIGNAL_FIELDS, (j + 1) * SIGNAL_FIELDS), i * SIGNAL_FIELDS);
    if (machine.maintenanceUntilMs) {
      taken.maintenanceUntilMs ??= new Array<number>(to.length).fill(0);
      taken.maintenanceUntilMs[i] = machine.maintenanceUntilMs[j] ?? 0;
    }
    for (const pattern of machine.memory.patterns) {
      if (Math.floor(pattern.key / 16) !== j) continue;
      taken.memory.patterns.push({ ...pattern, key: i * 16 + (pattern.key % 16) });
    }
    for (const mode of machine.memory.modes) if (mode.signal === j) taken.memory.modes.push({ ...mode, signal: i });
  });
  return taken;
}
