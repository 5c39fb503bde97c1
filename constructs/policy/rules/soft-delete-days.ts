import { areAtLeast, type Minimum } from "../expectation";
import type { Rule } from "../rule";

const PATHS: Readonly<Record<string, readonly Pick<Minimum, "path" | "absent">[]>> = {
  azurerm_key_vault: [{ path: "soft_delete_retention_days", absent: 90 }],
  azurerm_storage_account: [
    { path: "blob_properties.delete_retention_policy.days" },
    { path: "blob_properties.container_delete_retention_policy.days" },
  ],
};

export const softDeleteDays: Rule = {
  id: "soft-delete-days",
  level: "error",
  what: "Deleted blobs, containers and vaults can be recovered for as long as the environment asks.",
  why: "An accidental deletion is noticed after days, not minutes.",
  checkov: ["CKV2_AZURE_38", "CKV_AZURE_42", "CKV_AZURE_111"],
  psrule: ["Azure.KeyVault.SoftDelete", "Azure.Storage.ContainerSoftDelete", "Azure.Storage.SoftDelete"],
  kinds: Object.keys(PATHS),
  check: (subject, { minimumSoftDeleteDays: minimum }) => {
    const remedy = "choose more days, or change minimumSoftDeleteDays in the environment's policy";
    const minima = (PATHS[subject.kind] ?? []).map((path) => ({ ...path, minimum, unit: "days", remedy }));
    return areAtLeast(subject, minima);
  },
};
