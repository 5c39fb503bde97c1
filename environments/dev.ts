import type { EnvironmentConfig } from "./environment-config";

/** For trying things out: one person, local state, everything can be destroyed and purged. */
export const dev: EnvironmentConfig = {
  name: "dev",
  code: "dev",
  location: "westeurope",
  backend: { kind: "local" },
  protection: { preventDestroy: false, purgeOnDestroy: true },
  keyVault: { softDeleteDays: 7, purgeProtection: false },
  streamAnalytics: { modelScores: true },
  machineLearning: { training: { enabled: true } },
  edge: {
    // A virtual machine that becomes the device on its own, with a machine that is not there.
    devices: [{ id: "factory-sim-01", virtualMachine: true }],
    simulatedSensorSeconds: 5,
    telemetryToCloud: true,
    // Built in the registry from what is checked out here.
    versions: { current: { detector: "source" } },
    rings: { all: { version: "current" } },
  },
  logs: { dailyQuotaGb: 1 },
  alerts: {
    receivers: { "platform-team": "platform-team@example.com" },
    // The simulated sensor is often off.
    minimumConnectedDevices: 0,
  },
  budget: { monthlyAmount: 150 },
  policy: {
    exceptions: [
      {
        rule: "public-network-access",
        reason: "Whoever tries things out connects from anywhere; nothing answers without a sign-in or a signed link.",
      },
      {
        rule: "vault-purge-protection",
        reason: "Everything here is destroyed and purged, and made again under the same names.",
      },
    ],
  },
};
