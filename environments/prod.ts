import { VIBRATION_SIGNAL, DEFAULT_SIGNALS } from "../edge-manifests/anomaly-query";
import type { EnvironmentConfig } from "./environment-config";

/** The factories. Nothing that holds data can be destroyed by a plan; state and runs in HCP Terraform. */
export const prod: EnvironmentConfig = {
  name: "prod",
  code: "prd",
  location: "westeurope",
  // Protected environments share a subscription with no other: pipelines' roles are for a whole subscription.
  subscriptionId: "66666666-6666-4666-8666-666666666666",
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
  streamAnalytics: { signals: [...DEFAULT_SIGNALS, VIBRATION_SIGNAL], modelScores: true },
  edge: {
    devices: [
      { id: "aachen-press-01", tags: { site: "aachen", ring: "canary" } },
      { id: "aachen-press-02", tags: { site: "aachen", ring: "fleet" } },
      { id: "essen-gateway", tags: { site: "essen", ring: "fleet" }, hostname: "gateway.essen.example.com" },
      // Behind the gateway, in a network that does not reach the hub.
      { id: "essen-mill-01", tags: { site: "essen", ring: "fleet" }, parent: "essen-gateway" },
    ],
    telemetryToCloud: true,
    // A day, for sites whose line may be down that long.
    timeToLiveSeconds: 86_400,
    versions: {
      "2026.10": { runtime: "1.6.0", detector: "1.0.0" },
      "2026.11": { runtime: "1.6.1", detector: "1.0.0" },
    },
    // To promote, name the new version in the next ring; to roll back, name the old one again.
    rings: {
      canary: { version: "2026.11", where: { ring: "canary" } },
      fleet: { version: "2026.10", where: { ring: "fleet" } },
    },
  },
  logs: { retentionDays: 90 },
  alerts: {
    receivers: {
      "control-room": "control-room@example.com",
      "platform-team": "platform-team@example.com",
    },
    minimumConnectedDevices: 4,
  },
  budget: { monthlyAmount: 900 },
  policy: {
    exceptions: [
      {
        rule: "public-network-access",
        reason:
          "Devices and pipelines connect from networks without private endpoints; nothing answers without a sign-in or a signed link.",
      },
    ],
    minimumLogRetentionDays: 90,
    minimumSoftDeleteDays: 30,
    requiredTags: ["criticality", "environment", "purpose"],
  },
};
