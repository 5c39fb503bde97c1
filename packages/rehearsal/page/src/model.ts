import type { Action, StateEvent } from "../../src/events";
import type { Description, Episode, Frame, PlacedAction, Totals } from "../../src/server/frames";
import { Series } from "./series";

/** Alerts and actions that the page remembers. */
const LIMIT = 500;

/** All that the page knows. The views read it; only frames change it. */
export class Model {
  readonly machines = new Map<string, Series>();
  readonly episodes = new Map<string, Episode>();
  readonly signals: string[];
  actions: PlacedAction[] = [];
  state: StateEvent | undefined;
  totals: Totals | undefined;
  /** Readings that were never sent, because a screen could not show them. */
  thinned = 0;
  private latestTime = 0;

  constructor(readonly description: Description) {
    this.signals = description.signals.map(({ name }) => name);
    for (const machine of description.machines) {
      this.machines.set(machine, new Series());
    }
  }

  /** Takes a frame in and returns the episodes that are new. */
  add(frame: Frame): Episode[] {
    for (const reading of frame.readings) {
      const series = this.machines.get(reading.machineId) ?? new Series();
      this.machines.set(reading.machineId, series);
      series.add(reading);
      for (const signal of Object.keys(reading.signals)) {
        if (!this.signals.includes(signal)) {
          this.signals.push(signal);
        }
      }
      this.latestTime = Math.max(this.latestTime, reading.time);
    }
    const opened = frame.episodes.filter(({ id }) => !this.episodes.has(id));
    for (const episode of frame.episodes) {
      this.episodes.set(episode.id, episode);
    }
    this.forgetEpisodes();
    const known = new Set(this.actions.map(keyOf));
    this.actions = [...this.actions, ...frame.actions.filter((action) => !known.has(keyOf(action)))].slice(-LIMIT);
    this.state = frame.state ?? this.state;
    this.totals = frame.totals;
    this.thinned += frame.thinned;
    return opened;
  }

  /** Time of the latest reading in milliseconds since 1970: in a time-lapse it passes faster than on the wall. */
  now(): number {
    return this.latestTime === 0 ? Date.now() : this.latestTime;
  }

  /** As the latest state or action says: an action shows before the next state does. */
  get isCloudConnected(): boolean {
    return this.latest("connectCloud", "cutCloud") ?? this.state?.cloudConnected ?? true;
  }

  get isSensorRunning(): boolean {
    return this.latest("startSensor", "stopSensor") ?? this.state?.sensor !== "stopped";
  }

  private latest(on: Action, off: Action): boolean | undefined {
    const action = this.actions.findLast(({ action }) => action === on || action === off);
    return action === undefined || action.time < (this.state?.time ?? 0) ? undefined : action.action === on;
  }

  private forgetEpisodes(): void {
    for (const [id, { closedAt }] of this.episodes) {
      if (this.episodes.size <= LIMIT) {
        return;
      }
      if (closedAt !== undefined) {
        this.episodes.delete(id);
      }
    }
  }
}

function keyOf({ time, action, machineId }: PlacedAction): string {
  return `${time} ${action} ${machineId ?? ""}`;
}
