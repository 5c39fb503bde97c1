import { type BaseLayer } from "./manifest";
import { IMAGE_REPOSITORIES } from "./modules";

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
}

/** The runtime alone: the agent that starts modules and the hub that carries their messages. */
export function baseLayer({ runtime, timeToLiveSeconds }: BaseLayerOptions): BaseLayer {
  return {
    edgeAgent: { image: `${IMAGE_REPOSITORIES.edgeAgent}:${runtime}` },
    edgeHub: {
      image: `${IMAGE_REPOSITORIES.edgeHub}:${runtime}`,
      // Before every module, so that none of them starts without a place to send to.
      startupOrder: 0,
      createOptions: {
        HostConfig: {
          // Where devices without modules connect: MQTT, AMQP and HTTPS.
          PortBindings: {
            "443/tcp": [{ HostPort: "443" }],
            "5671/tcp": [{ HostPort: "5671" }],
            "8883/tcp": [{ HostPort: "8883" }],
          },
        },
      },
    },
    timeToLiveSeconds,
    modules: {},
    routes: {},
  };
}
