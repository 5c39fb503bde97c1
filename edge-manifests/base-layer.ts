import {
  type BaseLayer,
  BIND_LOW_PORTS,
  START_AS_ROOT,
  UNPRIVILEGED_PORTS,
} from "@edge-anomaly-detection/edge-manifest-tools";
import { STORAGE_IN_CONTAINER, STORAGE_VARIABLE, storageBind } from "./host-storage";
import { runtimeImage } from "./images";
import type { JsonObject } from "@edge-anomaly-detection/common";

/**
 * Newest images of the 1.6 line, supported until 2028-11-14; support for 1.5 ended on 2026-11-10
 * (github.com/Azure/iotedge, README and CHANGELOG).
 */
export const DEFAULT_RUNTIME = "1.6.1";

/** Seconds for which an edge hub keeps what it cannot deliver, where an environment says nothing: two hours. */
export const DEFAULT_TIME_TO_LIVE_SECONDS = 7200;

/** What the base of a device is made of. */
export interface BaseLayerOptions {
  /** Tag of the runtime's images. */
  readonly runtime: string;
  /** Seconds for which the edge hub keeps messages that it cannot deliver. */
  readonly timeToLiveSeconds: number;
  /** Folder of the host for what must outlive containers. */
  readonly storageFolder: string;
  /** Whether other devices connect to this one: the edge hub's ports are then open on the host. */
  readonly isGateway: boolean;
}

/** Where devices below connect: MQTT, AMQP and HTTPS, on all of the host's addresses. */
const GATEWAY_PORTS: JsonObject = Object.fromEntries(
  ["443", "5671", "8883"].map((port) => [`${port}/tcp`, [{ HostPort: port }]]),
);

/** The runtime alone: the agent that starts modules and the hub that carries their messages. */
export function baseLayer({ runtime, timeToLiveSeconds, storageFolder, isGateway }: BaseLayerOptions): BaseLayer {
  const env = { [STORAGE_VARIABLE]: STORAGE_IN_CONTAINER };
  return {
    edgeAgent: {
      image: runtimeImage("edgeAgent", runtime),
      env,
      createOptions: { HostConfig: agentHostConfig(storageFolder) },
    },
    edgeHub: {
      image: runtimeImage("edgeHub", runtime),
      // Before every module, so that none of them starts without a place to send to.
      startupOrder: 0,
      env,
      createOptions: {
        HostConfig: {
          Binds: [storageBind("edgeHub", storageFolder)],
          CapAdd: [...START_AS_ROOT, BIND_LOW_PORTS],
          Sysctls: UNPRIVILEGED_PORTS,
          ...(isGateway && { PortBindings: GATEWAY_PORTS }),
        },
      },
    },
    timeToLiveSeconds,
    modules: {},
    routes: {},
  };
}

/** What the agent's container needs, beside `CONTAINER_DEFAULTS`. */
export const agentHostConfig = (storageFolder: string): JsonObject => ({
  Binds: [storageBind("edgeAgent", storageFolder)],
  CapAdd: [...START_AS_ROOT],
});
