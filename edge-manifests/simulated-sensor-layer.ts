import { type Layer, READ_ONLY_ROOT, SIMULATED_SENSOR_MODULE } from "@edge-anomaly-detection/edge-manifest-tools";
import { runtimeImage } from "./images";

/** What the simulated sensor is made of. */
export interface SimulatedSensorOptions {
  /** Tag of its image. */
  readonly runtime: string;
  /** Seconds between two messages, 1 to 86,400. */
  readonly intervalSeconds: number;
}

/** A machine that is not there: `machine.temperature` rising from 21 to 100 and `machine.pressure` from 1 to 10. */
export function simulatedSensorLayer({ runtime, intervalSeconds }: SimulatedSensorOptions): Layer {
  return {
    modules: {
      [SIMULATED_SENSOR_MODULE]: {
        image: runtimeImage("simulatedSensor", runtime),
        startupOrder: 20,
        env: {
          // It stops after 500 messages otherwise (Azure/iotedge, SimulatedTemperatureSensor).
          MessageCount: -1,
          MessageDelay: timeSpan(intervalSeconds),
          // .NET keeps certificates that it trusts in the home folder; of all folders only this one can be written.
          HOME: "/tmp",
        },
        createOptions: { HostConfig: READ_ONLY_ROOT },
        desired: { SendData: true, SendInterval: intervalSeconds },
      },
    },
    routes: {},
  };
}

/** Seconds as .NET reads a TimeSpan: `d.hh:mm:ss`. */
function timeSpan(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  return days === 0 ? clock : `${days}.${clock}`;
}
