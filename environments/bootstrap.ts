import type { BootstrapConfig } from "./bootstrap-config";

/** Who deploys and how they sign in. docs/bootstrap.md says how it is deployed and where its outputs go. */
export const bootstrap: BootstrapConfig = {
  subscriptionId: "55555555-5555-4555-8555-555555555555",
  backend: { kind: "local" },
  operators: { "jane-doe": "44444444-4444-4444-8444-444444444444" },
  github: { owner: "contoso-factories", repository: "edge-anomaly-detection" },
  hcpTerraform: { project: "edge-anomaly" },
};
