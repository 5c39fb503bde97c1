import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageSharedKeysOff: Rule = {
  id: "storage-shared-keys-off",
  level: "error",
  what: "Storage accounts refuse requests that are signed with the account's keys.",
  why: "Whoever has a key has everything in the account, and no log says who it was.",
  checkov: ["CKV2_AZURE_40"],
  psrule: ["Azure.Storage.LocalAuth"],
  ...expect({
    azurerm_storage_account: {
      path: "shared_access_key_enabled",
      allowed: [false],
      absent: true,
      remedy: "set it to false and grant data roles instead",
    },
  }),
};
