import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageMinimumTls: Rule = {
  id: "storage-minimum-tls",
  level: "error",
  what: "Storage accounts refuse TLS before 1.2.",
  why: "Older versions can be read by whoever listens.",
  checkov: ["CKV_AZURE_44"],
  psrule: ["Azure.Storage.MinTLS"],
  ...expect({
    azurerm_storage_account: {
      path: "min_tls_version",
      allowed: ["TLS1_2", "TLS1_3"],
      absent: "TLS1_2",
      remedy: "write TLS1_2",
    },
  }),
};
