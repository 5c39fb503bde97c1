import type { EnvironmentConfig } from "./environment-config";

/** For trying things out: one person, local state, everything can be destroyed and purged. */
export const dev: EnvironmentConfig = {
  name: "dev",
  code: "dev",
  location: "westeurope",
  backend: { kind: "local" },
  protection: { preventDestroy: false, purgeOnDestroy: true },
  keyVault: { softDeleteDays: 7, purgeProtection: false },
  logs: { dailyQuotaGb: 1 },
  alerts: {
    receivers: { "platform-team": "platform-team@example.com" },
    // The simulated sensor is often off.
    minimumConnectedDevices: 0,
  },
  budget: { monthlyAmount: 150 },
};
