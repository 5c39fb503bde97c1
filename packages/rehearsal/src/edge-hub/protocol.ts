import type { RehearsalInput } from "../input";
import type { Credentials } from "./credentials";
import type { JsonObject } from "./json";
import type { MethodResult } from "./methods";
import type { QueuedMessage } from "./queued-message";

/** What the process of the edge hub is told by the one that started it. */
export type ToHub =
  | {
      readonly kind: "start";
      readonly input: Pick<RehearsalInput, "deviceId" | "layers" | "machines" | "sensor">;
      readonly credentials: Credentials;
      readonly folder: string;
      readonly port: number;
      readonly limitBytes?: number;
      readonly isCloudConnected: boolean;
    }
  | { readonly kind: "cloud"; readonly isConnected: boolean }
  /** The cloud has these messages, by the numbers that they were sent with. */
  | { readonly kind: "received"; readonly deliveries: readonly number[] }
  | {
      readonly kind: "method";
      readonly call: number;
      readonly module: string;
      readonly name: string;
      readonly payload: unknown;
      readonly timeoutMs: number;
    }
  | { readonly kind: "patchDesired"; readonly module: string; readonly patch: JsonObject }
  | { readonly kind: "stop" };

/** What it tells. */
export type FromHub =
  | { readonly kind: "ready"; readonly port: number }
  | {
      readonly kind: "accepted";
      readonly messages: readonly { readonly message: QueuedMessage; readonly routes: readonly string[] }[];
    }
  | {
      readonly kind: "upstream";
      readonly messages: readonly { readonly delivery: number; readonly message: QueuedMessage }[];
    }
  | { readonly kind: "expired"; readonly message: QueuedMessage }
  | { readonly kind: "full" }
  | { readonly kind: "method"; readonly call: number; readonly result: MethodResult }
  | { readonly kind: "waiting"; readonly messages: Readonly<Record<string, number>>; readonly bytes: number }
  | { readonly kind: "failed"; readonly reason: string };
