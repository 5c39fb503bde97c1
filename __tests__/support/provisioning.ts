import type { EnvironmentConfig } from "../../environments/environment-config";
import { minimal } from "./environments";
import { networkEnvironments } from "./networks";

/** An authority's certificate that ends in 2046. */
export const AUTHORITY = "__tests__/enrollments/certificates/first.pem";

const provisioning = {
  kind: "dps",
  enrollmentGroups: {
    canary: { attestation: { kind: "certificateAuthority", certificate: AUTHORITY }, tags: { ring: "canary" } },
    fleet: { attestation: { kind: "symmetricKey" }, tags: { ring: "fleet" } },
  },
} as const;

/** Environments whose devices register: through a service of their own, as the networks reach it, or through one that exists. */
export const provisioningEnvironments = {
  open: { ...minimal, name: "dps", code: "dps", provisioning },
  addresses: { ...networkEnvironments.internet, name: "dps-internet", code: "dpi", provisioning },
  private: { ...networkEnvironments.private, name: "dps-private", code: "dpp", provisioning },
  named: {
    ...minimal,
    name: "dps-named",
    code: "dpn",
    provisioning: { ...provisioning, service: "contoso-factories" },
  },
} as const satisfies Record<string, EnvironmentConfig>;
