import { expect } from "../expectation";
import type { Rule } from "../rule";

export const vaultRbac: Rule = {
  id: "vault-rbac",
  level: "error",
  what: "Key vaults are reached by roles, not by access policies.",
  why: "Access policies are seen by no review of roles and cannot be limited to one secret.",
  checkov: [],
  psrule: ["Azure.KeyVault.RBAC"],
  ...expect({
    azurerm_key_vault: {
      path: "rbac_authorization_enabled",
      allowed: [true],
      absent: false,
      remedy: "set it to true and grant roles",
    },
  }),
};
