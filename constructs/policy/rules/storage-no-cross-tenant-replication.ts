import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageNoCrossTenantReplication: Rule = {
  id: "storage-no-cross-tenant-replication",
  level: "error",
  what: "Storage accounts do not replicate to other tenants.",
  why: "Whoever may write a replication policy could copy everything to an account of another organisation.",
  checkov: [],
  psrule: [],
  ...expect({
    azurerm_storage_account: {
      path: "cross_tenant_replication_enabled",
      allowed: [false],
      absent: false,
      remedy: "set it to false",
    },
  }),
};
