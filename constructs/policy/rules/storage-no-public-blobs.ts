import { expect } from "../expectation";
import type { Rule } from "../rule";

export const storageNoPublicBlobs: Rule = {
  id: "storage-no-public-blobs",
  level: "error",
  what: "No blob can be read without signing in.",
  why: "One container that is made public by mistake shows its data to everybody.",
  checkov: ["CKV_AZURE_34", "CKV_AZURE_190", "CKV2_AZURE_47"],
  psrule: ["Azure.Storage.BlobAccessType", "Azure.Storage.BlobPublicAccess"],
  ...expect({
    azurerm_storage_account: {
      path: "allow_nested_items_to_be_public",
      allowed: [false],
      absent: true,
      remedy: "set it to false",
    },
    azurerm_storage_container: {
      path: "container_access_type",
      allowed: ["private"],
      absent: "private",
      remedy: "write private",
    },
  }),
};
