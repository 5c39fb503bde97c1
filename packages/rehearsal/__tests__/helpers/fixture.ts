import type { DeploymentLayer, RehearsalInput } from "../../src/input";

/** A device with all parts, written by hand: what the app generates is tested where it is generated. */
export const layers: readonly DeploymentLayer[] = [
  {
    name: "base",
    priority: 10,
    content: {
      $edgeAgent: { "properties.desired": { schemaVersion: "1.1", modules: {} } },
      $edgeHub: {
        "properties.desired": {
          schemaVersion: "1.1",
          routes: {},
          storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
        },
      },
    },
  },
  {
    name: "sensor",
    priority: 20,
    content: {
      $edgeAgent: { "properties.desired.modules.sensor": { settings: { image: "sensor:1" }, status: "running" } },
      $edgeHub: {
        "properties.desired.routes.telemetry": {
          route: "FROM /messages/modules/sensor/outputs/temperatureOutput INTO $upstream",
          priority: 9,
        },
      },
    },
  },
  {
    name: "detector",
    priority: 30,
    content: {
      $edgeAgent: { "properties.desired.modules.detector": { settings: { image: "detector:1" }, status: "running" } },
      $edgeHub: {
        "properties.desired.routes.toDetector": {
          route:
            'FROM /messages/modules/sensor/outputs/temperatureOutput INTO BrokeredEndpoint("/modules/detector/inputs/sensorInput")',
        },
        "properties.desired.routes.alerts": {
          route: "FROM /messages/modules/detector/outputs/anomalyOutput INTO $upstream",
          priority: 0,
        },
        "properties.desired.routes.scores": {
          route:
            'FROM /messages/modules/detector/outputs/scoredOutput INTO BrokeredEndpoint("/modules/job/inputs/scoreInput")',
        },
      },
      detector: {
        "properties.desired.signals": { temperature: "machine.temperature", pressure: "machine.pressure" },
        "properties.desired.timePath": "timeCreated",
        "properties.desired.machineIdPath": "machine.id",
        // A detector that sees a spike every minute takes spikes for normal; beyond a limit it never does.
        "properties.desired.limits": { temperature: { high: 120 } },
      },
    },
  },
  {
    name: "job",
    priority: 40,
    content: {
      $edgeAgent: { "properties.desired.modules.job": { settings: { image: "job:1" }, status: "running" } },
      $edgeHub: {
        "properties.desired.routes.toJob":
          'FROM /messages/modules/sensor/outputs/temperatureOutput INTO BrokeredEndpoint("/modules/job/inputs/sensorInput")',
        "properties.desired.routes.jobAlerts": {
          route: "FROM /messages/modules/job/outputs/alertOutput INTO $upstream",
          priority: 0,
        },
      },
      job: {},
    },
  },
];

const QUERY = `SELECT timeCreated AS eventTime, machine.id AS machineId, 'temperature' AS signal, 'limit' AS detector,
  machine.temperature AS value, 1 AS score
INTO alertOutput FROM sensorInput TIMESTAMP BY timeCreated WHERE machine.temperature > 120`;

export const input: RehearsalInput = {
  environment: "test",
  deviceId: "device-1",
  layers,
  signals: [
    { name: "temperature", path: "machine.temperature" },
    { name: "pressure", path: "machine.pressure" },
  ],
  timePath: "timeCreated",
  machineIdPath: "machine.id",
  machines: ["press-1", "press-2", "press-3", "press-4"],
  sensor: { source: { module: "sensor", output: "temperatureOutput" }, intervalSeconds: 5 },
  detector: {
    module: "detector",
    sensorInput: "sensorInput",
    alertOutput: "anomalyOutput",
    scoreOutput: "scoredOutput",
    desired: {},
  },
  streamAnalytics: {
    jobName: "job",
    query: QUERY,
    sensorInput: "sensorInput",
    scoreInput: "scoreInput",
    alertOutput: "alertOutput",
  },
  alertRules: {
    toleratedAnomaliesPerHour: 0,
    minimumConnectedDevices: 1,
    toleratedRoutingFailures: 0,
    toleratedThrottledMessages: 0,
    quotaPercent: 80,
    anomalyFeed: true,
  },
  hub: { sku: "S1", units: 1, dailyMessages: 400_000, devices: 1 },
  receivers: { team: "team@example.com" },
  notes: [],
};
