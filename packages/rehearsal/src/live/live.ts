import type { EventEmitter } from "node:events";
import type { MethodResult } from "../edge-hub/methods";
import type { Action, RehearsalEvent, StateEvent } from "../events";
import type { RehearsalInput } from "../input";
import type { LiveSummary } from "./summary";

export interface LiveOptions {
  readonly input: RehearsalInput;
  readonly programs: {
    /** The compiled `edge-hub/main.ts`. */
    readonly hub: string;
    /** The compiled ML module, `dist/src/main.js`. */
    readonly detector: string;
  };
  /** Real seconds between two messages of a machine. @default `DEFAULT_INTERVAL_SECONDS`, or the environment's where that is less */
  readonly intervalSeconds?: number;
  /** Folder for state, logs and what the cloud received; it stays. @default - a temporary one that is removed */
  readonly folder?: string;
  /** Bytes of messages that may wait on disk, where the deployment does not say. @default 536,870,912 */
  readonly limitBytes?: number;
  /** Seed of the simulated machines' random numbers. @default - another one each time */
  readonly seed?: number;
  /** Whether sensors send at once. @default true */
  readonly sensor?: boolean;
}

/** Ten messages a second of each machine, so that something is to be seen at once. */
export const DEFAULT_INTERVAL_SECONDS = 0.1;

/** A rehearsal that runs. */
export interface Live {
  readonly events: EventEmitter<{ event: [RehearsalEvent] }>;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: RehearsalEvent) => void): () => void;
  /** Breaks something or repairs it. Without a machine, all of them. @throws where there is nothing to do it to */
  act(action: Action, machineId?: string): Promise<void>;
  /** Calls a direct method of a module. */
  callMethod(module: string, name: string, payload?: unknown): Promise<MethodResult>;
  readonly state: StateEvent;
  summary(): LiveSummary;
  /** Stops the sensors, connects the cloud and waits until nothing waits any more; false where it still does in the end. */
  drain(milliseconds: number): Promise<boolean>;
  /** Ends everything that was started, and removes the temporary folder. */
  stop(): Promise<void>;
}
