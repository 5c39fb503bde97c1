import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageNoLocalUsers: Rule = {
  id: "storage-no-local-users",
  level: "error",
  what: "Storage accounts have no local users.",
  why: "Local users sign in with passwords and keys that Entra ID knows nothing of.",
  checkov: ["CKV_AZURE_244"],
  psrule: [],
  ...expect({
    azurerm_storage_account: { path: "local_user_enabled", allowed: [false], absent: true, remedy: "set it to false" },
  }),
};
