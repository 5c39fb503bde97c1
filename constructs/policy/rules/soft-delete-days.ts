import { areAtLeast, type Minimum } from "../expectation";
import { NOT_APPLICABLE, type Rule } from "../rule";

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
  what: "Deleted blobs, containers and vaults can be recovered for as long as the record wants.",
  why: "A mistaken deletion is noticed after days, not minutes.",
  checkov: ["CKV2_AZURE_38", "CKV_AZURE_42", "CKV_AZURE_111"],
  psrule: ["Azure.KeyVault.SoftDelete", "Azure.Storage.ContainerSoftDelete", "Azure.Storage.SoftDelete"],
  check: (subject, { minimumSoftDeleteDays: minimum }) => {
    const paths = Object.hasOwn(PATHS, subject.kind) ? PATHS[subject.kind] : undefined;
    const remedy = "choose more days, or change minimumSoftDeleteDays in the record's policy";
    return paths === undefined
      ? NOT_APPLICABLE
      : areAtLeast(
          subject,
          paths.map((path) => ({ ...path, minimum, unit: "days", remedy })),
        );
  },
};
