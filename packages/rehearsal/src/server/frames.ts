import type { ActionEvent, AlertEvent, CloudEvent, LostEvent, ReadingEvent, StateEvent } from "../events";

/** What the page shows before anything happens. */
export interface Description {
  readonly environment: string;
  readonly deviceId: string;
  /** Machines known at the start; others appear with their first reading. */
  readonly machines: readonly string[];
  readonly signals: readonly { readonly name: string; readonly unit?: string }[];
  /** `from` is `module/output`, or `leaf` for devices without modules; `to` is `module/input` or `$upstream`. */
  readonly routes: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  /** How many times faster than in the plant time passes. @default 1 */
  readonly speed?: number;
  /** What differs from the environment's own configuration, in sentences. @default - nothing */
  readonly notes?: readonly string[];
  /** Which module plays which part, by its name in the deployment. */
  readonly roles: { readonly sensor?: string; readonly detector?: string; readonly streamAnalytics?: string };
}

/** Where the messages of an episode are: on the device, in the cloud, or lost on the way. */
export type Delivery = "waiting" | "cloud" | "lost";

/** All alerts of one episode, merged. Rows of Stream Analytics are episodes of one moment: `closedAt` is `openedAt`. */
export interface Episode {
  readonly id: string;
  readonly source: AlertEvent["source"];
  readonly machineId: string;
  /** Signals that its alerts named while it was open, the first one first; none where the machine as a whole is meant. */
  readonly signals: readonly string[];
  readonly severity?: AlertEvent["severity"];
  readonly value?: number;
  readonly expected?: AlertEvent["expected"];
  /** Of the latest alert but the closing one, which says no more than that it is over. */
  readonly message: string;
  readonly openedAt: number;
  readonly updatedAt: number;
  readonly closedAt?: number;
  readonly latencyMs?: number;
  /** Absent while no message id is known. */
  readonly delivery?: Delivery;
}

/** Counts since the start. */
export interface Totals {
  /** Messages that the edge hub accepted. */
  readonly messages: number;
  /** Of these, the ones that a route sends to the cloud, now or later. */
  readonly forCloud: number;
  readonly byRoute: Readonly<Record<string, number>>;
  readonly cloud: Readonly<Record<CloudEvent["type"], number>>;
  readonly cloudBytes: number;
  readonly lost: Readonly<Partial<Record<LostEvent["reason"], number>>>;
}

/** An action, and where it stands between the readings: their clock may run faster than the one on the wall. */
export interface PlacedAction extends ActionEvent {
  /** Time of the latest reading when it was done, in milliseconds since 1970. */
  readonly readingTime: number;
}

/** What happened since the last frame, or since the start for a page that joins. */
export interface Frame {
  readonly readings: readonly ReadingEvent[];
  /** Readings left out, because a screen could not show them: none outside its expected range, none at an extreme. */
  readonly thinned: number;
  /** New and changed ones. */
  readonly episodes: readonly Episode[];
  readonly actions: readonly PlacedAction[];
  readonly state?: StateEvent;
  readonly totals: Totals;
}

/** The first message on a stream. Another `run` than before means that the rehearsal was started anew. */
export interface Hello {
  readonly run: string;
  readonly description: Description;
}

/** What a page that reads too slowly did not get. Episodes and totals follow in full with the next frame. */
export interface Skipped {
  readonly frames: number;
  readonly readings: number;
}
