import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";

/** An organisation that the rules take. */
export const organization: OrganizationConfig = { workload: "anomaly", nameSeed: "contoso-factories" };

/** The least that an environment must say. */
export const minimal: EnvironmentConfig = {
  name: "test",
  code: "tst",
  location: "westeurope",
  backend: { kind: "local" },
  protection: { preventDestroy: false, purgeOnDestroy: false },
  alerts: { receivers: { team: "team@example.com" } },
  budget: { monthlyAmount: 100 },
  policy: { exceptions: [{ rule: "public-network-access", reason: "There is no private network in tests." }] },
};
