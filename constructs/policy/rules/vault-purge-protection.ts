import { expect } from "../expectation";
import type { Rule } from "../rule";

export const vaultPurgeProtection: Rule = {
  id: "vault-purge-protection",
  level: "error",
  what: "Deleted key vaults and secrets cannot be purged before their time.",
  why: "Whoever gets hold of the right to purge can destroy every secret for good.",
  checkov: ["CKV_AZURE_110"],
  psrule: ["Azure.KeyVault.PurgeProtect"],
  ...expect({
    azurerm_key_vault: {
      path: "purge_protection_enabled",
      allowed: [true],
      absent: false,
      remedy: "set it to true; it cannot be switched off again",
    },
  }),
};
