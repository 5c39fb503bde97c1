import type { Expectations } from "@edge-anomaly-detection/doctor";

/** The same environment with many devices, a tenth of them in the first ring. */
export function withFleet(expected: Expectations, count: number): Expectations {
  const rings = [...new Set(expected.deployments.map(({ ring }) => ring))];
  const ringOf = (index: number): string => (index % 10 === 0 ? rings[0] : (rings[1] ?? rings[0])) ?? "";
  const devices = Array.from({ length: count }, (_, index) => ({
    id: `device-${String(index).padStart(6, "0")}`,
    enabled: true,
    ring: ringOf(index),
  }));
  return {
    ...expected,
    devices,
    deployments: expected.deployments.map((one) => ({
      ...one,
      devices: one.layer === "gateway" ? 0 : devices.filter(({ ring }) => ring === one.ring).length,
    })),
    alerts: { ...expected.alerts, minimumConnectedDevices: Math.floor(count / 2) },
  };
}
