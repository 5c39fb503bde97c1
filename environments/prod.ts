import { VIBRATION_SIGNAL, DEFAULT_SIGNALS } from "../edge-manifests/stream-analytics-query";
import type { EnvironmentConfig } from "./environment-config";

/** The factories. Nothing that holds data can be destroyed by a plan; state and runs in HCP Terraform. */
export const prod: EnvironmentConfig = {
  name: "prod",
  code: "prd",
  location: "westeurope",
  backend: { kind: "cloud", organization: "contoso-factories", workspace: "edge-anomaly-prod" },
  tags: { criticality: "production" },
  protection: { preventDestroy: true, purgeOnDestroy: false },
  access: {
    contributors: {
      "platform-team": { objectId: "11111111-1111-4111-8111-111111111111", type: "Group" },
      pipeline: { objectId: "22222222-2222-4222-8222-222222222222", type: "ServicePrincipal" },
    },
    analysts: { "plant-engineers": { objectId: "33333333-3333-4333-8333-333333333333", type: "Group" } },
  },
  lake: { replication: "ZRS", softDeleteDays: 30 },
  accounts: { replication: "ZRS", softDeleteDays: 30 },
  machineLearning: { registrySku: "Standard" },
  hub: {
    units: 2,
    partitions: 4,
    retentionDays: 7,
    readers: ["dashboards", "historian"],
    logCategories: [
      "Configurations",
      "Connections",
      "DeviceIdentityOperations",
      "DeviceTelemetry",
      "Routes",
      "TwinQueries",
    ],
  },
  streamAnalytics: { signals: [...DEFAULT_SIGNALS, VIBRATION_SIGNAL] },
  logs: { retentionDays: 90 },
  alerts: {
    receivers: {
      "control-room": "control-room@example.com",
      "platform-team": "platform-team@example.com",
    },
    minimumConnectedDevices: 4,
  },
  budget: { monthlyAmount: 900 },
};
