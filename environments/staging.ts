import { VIBRATION_SIGNAL, DEFAULT_SIGNALS } from "../edge-manifests/anomaly-query";
import type { EnvironmentConfig } from "./environment-config";

/** A rehearsal of production with a few real devices; state and runs in HCP Terraform. */
export const staging: EnvironmentConfig = {
  name: "staging",
  code: "stg",
  location: "westeurope",
  backend: { kind: "cloud", organization: "contoso-factories", workspace: "edge-anomaly-staging" },
  protection: { preventDestroy: false, purgeOnDestroy: false },
  access: {
    contributors: { "platform-team": { objectId: "11111111-1111-4111-8111-111111111111", type: "Group" } },
  },
  keyVault: { softDeleteDays: 30 },
  hub: { readers: ["dashboards"] },
  streamAnalytics: { signals: [...DEFAULT_SIGNALS, VIBRATION_SIGNAL], modelScores: true },
  edge: {
    devices: [
      { id: "rehearsal-press-01", tags: { line: "press" } },
      { id: "rehearsal-press-02", tags: { line: "press" }, authentication: { kind: "certificateAuthority" } },
    ],
    versions: { "2026.11": { detector: "1.0.0" } },
    rings: { all: { version: "2026.11" } },
  },
  alerts: {
    receivers: { "platform-team": "platform-team@example.com" },
  },
  budget: { monthlyAmount: 300 },
  policy: {
    exceptions: [
      {
        rule: "public-network-access",
        reason:
          "Devices and pipelines connect from networks without private endpoints; nothing answers without a sign-in or a signed link.",
      },
    ],
  },
};
