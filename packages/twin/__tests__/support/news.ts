import type { EpisodeNews } from "../../index";

/** An Event Grid event with an alert of the ML module. */
export function alert(body: Readonly<Record<string, unknown>>, deviceId = "aachen-press-01"): object {
  return {
    topic: "/hub",
    eventType: "Microsoft.Devices.DeviceTelemetry",
    eventTime: "2026-11-25T12:00:00Z",
    data: {
      systemProperties: { "iothub-connection-device-id": deviceId, "iothub-connection-module-id": "anomalyDetector" },
      body: {
        episodeId: "e-1",
        phase: "opened",
        eventTime: "2026-11-25T06:00:00.000Z",
        startedAt: "2026-11-25T06:00:00.000Z",
        machineId: "aachen-press-01",
        signal: "temperature",
        severity: "warning",
        kind: "drift",
        value: 27.5,
        explanation: "27.5 °C, expected 20.7 to 21.3",
        ...body,
      },
    },
  };
}

export const news = (given: Partial<EpisodeNews> = {}): EpisodeNews => ({
  machineId: "aachen-press-01",
  episodeId: "e-1",
  phase: "open",
  severity: "warning",
  kind: "drift",
  signal: "temperature",
  startedAt: "2026-11-25T06:00:00.000Z",
  at: "2026-11-25T06:00:00.000Z",
  explanation: "27.5 °C, expected 20.7 to 21.3",
  ...given,
});
