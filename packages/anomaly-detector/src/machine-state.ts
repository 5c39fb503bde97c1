import type { Configuration } from "./configuration";
import type { Machine } from "./detection/machine";
import { type MachineSnapshot, reshapeMachine, restoreMachine, saveMachine } from "./detection/snapshot";
import type { PlantSettings } from "./detection/types";
import type { OptionalState } from "./optional";

/** What a machine's saved data mean; another number's are not taken. */
export const STATE_VERSION = 2;

export interface StateHeader {
  readonly detectorVersion: string;
  readonly stateVersion: number;
  /** Names and paths of the signals, in order. */
  readonly shape: readonly string[];
}

/** A machine's state as JSON. */
export interface SavedMachine {
  /** Names and paths of the signals, in order. */
  readonly shape: readonly string[];
  readonly plant: MachineSnapshot | null;
  readonly optional: OptionalState | null;
  readonly episodes: readonly PastEpisode[];
}

/** An episode that a person may still judge. */
export interface PastEpisode {
  readonly id: string;
  readonly startMs: number;
  readonly lastMs: number;
}

/** What the engine keeps of one machine. */
export interface Watched {
  plant: Machine | undefined;
  optional: OptionalState | undefined;
  past: PastEpisode[];
}

/** Episodes of a machine that a person can still judge. */
export const JUDGED_LATER = 16;

export function shapeOf({ signals }: Configuration): string[] {
  return signals.map(({ name, path }) => `${name}=${path.join(".")}`);
}

/** A machine's state as it is saved, for signals of the given shape. */
export function saveWatched(watched: Watched, shape: readonly string[]): SavedMachine {
  return {
    shape,
    plant: watched.plant ? saveMachine(watched.plant) : null,
    optional: watched.optional ? structuredClone(watched.optional) : null,
    episodes: [...watched.past],
  };
}

/** Makes a machine of a saved one, for signals of the shape `own`. Returns a sentence when what was saved is not sound. */
export function restoreWatched(saved: unknown, own: readonly string[], settings: PlantSettings): Watched | string {
  if (typeof saved !== "object" || saved === null) return "the saved machine is no object";
  const { plant, optional, episodes, shape } = saved as Partial<SavedMachine>;
  if (!Array.isArray(shape) || !shape.every((each) => typeof each === "string"))
    return "the signals' names are not sound";
  const same = shape.join() === own.join();
  let machine = plant ? restoreMachine(plant, shape.length, same ? settings : { ...settings, limits: [] }) : undefined;
  if (typeof machine === "string") return machine;
  if (machine && !same) machine = reshapeMachine(machine, shape, own, settings);
  const past = Array.isArray(episodes) ? (episodes as readonly PastEpisode[]) : [];
  return {
    plant: machine,
    optional: optional && same ? structuredClone(optional) : undefined,
    past: past.slice(-JUDGED_LATER),
  };
}
