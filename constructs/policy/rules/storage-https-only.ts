import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageHttpsOnly: Rule = {
  id: "storage-https-only",
  level: "error",
  what: "Storage accounts refuse requests without TLS.",
  why: "Data and signatures would cross the network in the clear.",
  checkov: ["CKV_AZURE_3"],
  psrule: ["Azure.Storage.SecureTransfer"],
  ...expect({
    azurerm_storage_account: {
      path: "https_traffic_only_enabled",
      allowed: [true],
      absent: true,
      remedy: "set it to true",
    },
  }),
};
