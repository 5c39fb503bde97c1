import type { RehearsalInput } from "../../src/input";

/** A query as the generator writes it, with one detector for each of two signals. */
export const queryWith = (confidence: number, history = 10): string => `WITH Scored AS (
  SELECT
    System.Timestamp() AS eventTime,
    TRY_CAST(machine.temperature AS float) AS temperature,
    TRY_CAST(machine.pressure AS float) AS pressure,
    AnomalyDetection_SpikeAndDip(TRY_CAST(machine.temperature AS float), ${confidence}, ${history}, 'spikesanddips') OVER (LIMIT DURATION(second, ${history * 5}) WHEN TRY_CAST(machine.temperature AS float) IS NOT NULL) AS temperature_SpikeAndDip,
    AnomalyDetection_SpikeAndDip(TRY_CAST(machine.pressure AS float), 99.9, ${history}, 'spikesanddips') OVER (LIMIT DURATION(second, ${history * 5}) WHEN TRY_CAST(machine.pressure AS float) IS NOT NULL) AS pressure_SpikeAndDip
  FROM sensorInput TIMESTAMP BY timeCreated
),
Anomalies AS (
  SELECT eventTime, 'temperature' AS signal, 'spikeAndDip' AS detector, temperature AS value, CAST(GetRecordPropertyValue(temperature_SpikeAndDip, 'Score') AS float) AS score
  FROM Scored
  WHERE CAST(GetRecordPropertyValue(temperature_SpikeAndDip, 'IsAnomaly') AS bigint) = 1
  UNION
  SELECT eventTime, 'pressure' AS signal, 'spikeAndDip' AS detector, pressure AS value, CAST(GetRecordPropertyValue(pressure_SpikeAndDip, 'Score') AS float) AS score
  FROM Scored
  WHERE CAST(GetRecordPropertyValue(pressure_SpikeAndDip, 'IsAnomaly') AS bigint) = 1
)
SELECT eventTime, signal, detector, value, score
INTO alertOutput
FROM Anomalies
`;

const SOURCE = "/messages/modules/sensor/outputs/out";

/** A device with a Stream Analytics job and, on request, the ML module. */
export function inputWith(confidence: number, change: Partial<RehearsalInput> = {}): RehearsalInput {
  return {
    environment: "test",
    deviceId: "press",
    layers: [
      {
        name: "base",
        priority: 1,
        content: {
          $edgeAgent: { "properties.desired": { modules: {} } },
          $edgeHub: {
            "properties.desired": {
              schemaVersion: "1.1",
              routes: {
                toJob: { route: `FROM ${SOURCE} INTO BrokeredEndpoint("/modules/job/inputs/sensorInput")` },
                toDetector: { route: `FROM ${SOURCE} INTO BrokeredEndpoint("/modules/detector/inputs/sensorInput")` },
                jobToCloud: { route: "FROM /messages/modules/job/outputs/alertOutput INTO $upstream" },
                detectorToCloud: { route: "FROM /messages/modules/detector/outputs/anomalyOutput INTO $upstream" },
              },
              storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
            },
          },
        },
      },
    ],
    signals: [
      { name: "temperature", path: "machine.temperature" },
      { name: "pressure", path: "machine.pressure" },
    ],
    timePath: "timeCreated",
    machines: ["press"],
    sensor: { source: { module: "sensor", output: "out" }, intervalSeconds: 5 },
    streamAnalytics: {
      jobName: "job",
      query: queryWith(confidence),
      sensorInput: "sensorInput",
      alertOutput: "alertOutput",
    },
    alertRules: {
      toleratedAnomaliesPerHour: 0,
      minimumConnectedDevices: 0,
      toleratedRoutingFailures: 0,
      toleratedThrottledMessages: 0,
      quotaPercent: 80,
      anomalyFeed: true,
    },
    hub: { sku: "S1", units: 1, dailyMessages: 400_000, devices: 1 },
    receivers: { team: "team@example.com" },
    notes: [],
    ...change,
  };
}
