import type { RecordedReading } from "../data/order";
import type { RehearsalInput } from "../input";

type Body = Record<string, unknown>;

/** Makes of a reading the message that a sensor of the environment would send. */
export function messageWriter(
  input: Pick<RehearsalInput, "signals" | "timePath" | "machineIdPath" | "deviceId" | "machines">,
): (reading: RecordedReading) => { readonly machineId: string; readonly body: Body } {
  const signalPaths = input.signals.map(({ path }) => path.split("."));
  const timePath = input.timePath.split(".");
  const machinePath = input.machineIdPath?.split(".");
  // A file without a machine's name is the device's first machine.
  const only = machinePath === undefined ? input.deviceId : (input.machines[0] ?? input.deviceId);
  return ({ timeMs, machineId = only, values }) => {
    const body: Body = {};
    signalPaths.forEach((path, index) => {
      const value = values[index] ?? null;
      if (value !== null) setAt(body, path, value);
    });
    setAt(body, timePath, new Date(timeMs).toISOString());
    if (machinePath !== undefined) setAt(body, machinePath, machineId);
    return { machineId, body };
  };
}

function setAt(into: Body, path: readonly string[], value: unknown): void {
  let at = into;
  for (const key of path.slice(0, -1)) {
    at = (at[key] ??= {}) as Body;
  }
  at[path.at(-1) ?? ""] = value;
}
