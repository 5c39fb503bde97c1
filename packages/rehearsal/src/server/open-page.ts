import { mergeLayers } from "../edge-hub/deployment";
import { endpointOf } from "../edge-hub/router";
import type { RehearsalInput } from "../input";
import type { Description } from "./frames";
import { type EventSource, type PageServer, type ServerOptions, startServer } from "./index";

export interface PageOptions extends Pick<ServerOptions, "pageFolder" | "port" | "limits"> {
  /** How many times faster than in the plant time passes. @default 1 */
  readonly speed?: number;
}

/** Serves the page of a live rehearsal; `live` is what `startLive` returns. */
export function openPage(live: EventSource, input: RehearsalInput, options: PageOptions): Promise<PageServer> {
  const { speed = 1, ...server } = options;
  return startServer({ ...server, source: live, description: describeRehearsal(input, speed) });
}

/** What the page says about a rehearsal before anything happens. */
export function describeRehearsal(input: RehearsalInput, speed: number): Description {
  const { environment, deviceId, machines, signals, sensor, detector, streamAnalytics, notes } = input;
  const sensorModule = sensor.source === "leafDevices" ? LEAF : sensor.source.module;
  return {
    environment,
    deviceId,
    machines,
    signals: signals.map(({ name, unit }) => ({ name, ...(unit === undefined ? {} : { unit }) })),
    routes: mergeLayers(input.layers).routes.map((route) => {
      const { module, output } = route.route.source;
      return {
        name: route.name,
        from: module === undefined ? LEAF : output === undefined ? module : `${module}/${output}`,
        to: endpointOf(route),
      };
    }),
    speed,
    notes,
    roles: {
      sensor: sensorModule,
      ...(detector === undefined ? {} : { detector: detector.module }),
      ...(streamAnalytics === undefined ? {} : { streamAnalytics: streamAnalytics.jobName }),
    },
  };
}

/** Where messages of devices without modules come from, as events name it. */
const LEAF = "leaf";
