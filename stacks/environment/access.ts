import type { IotHub } from "../../constructs/hub/iot-hub";
import type { ProvisioningService } from "../../constructs/hub/provisioning-service";
import { DataAccess, type DataRoles } from "../../constructs/security/data-access";
import type { KeyVault } from "../../constructs/security/key-vault";
import type { DataLake } from "../../constructs/storage/data-lake";
import type { PackageStorage } from "../../constructs/storage/package-storage";
import type { EnvironmentContext } from "./context";
import type { EnvironmentHub } from "./hub";

/** Roles on everything that an environment has once, and on its first hub. */
export function createAccess(
  context: EnvironmentContext,
  { hub }: EnvironmentHub,
  vault: KeyVault,
  lake: DataLake,
  packages?: PackageStorage,
  provisioning?: ProvisioningService,
): DataAccess {
  return new DataAccess(context.stack, "Access", {
    ...context.environment.access,
    deployer: context.deployer,
    roles: {
      Hub: rolesOn(hub),
      Vault: {
        scope: vault.resource.id,
        contributorRole: "Key Vault Secrets Officer",
        readerRole: "Key Vault Secrets User",
      },
      Lake: {
        scope: lake.resource.id,
        contributorRole: "Storage Blob Data Contributor",
        readerRole: "Storage Blob Data Reader",
        analystRole: "Storage Blob Data Reader",
      },
      // The step that writes enrollment groups, and its plan.
      ...(provisioning && {
        Provisioning: {
          scope: provisioning.resource.id,
          contributorRole: "Device Provisioning Service Data Contributor",
          readerRole: "Device Provisioning Service Data Reader",
        },
      }),
      // A plan compares the key that Stream Analytics was given last with the account's own.
      ...(packages && { Packages: { scope: packages.resource.id, readerRole: "Reader and Data Access" } }),
    },
  });
}

/** The same roles on a further hub. Apart from the others, so that a hub more or less changes nothing of theirs. */
export function createHubAccess(context: EnvironmentContext, { scope, hub }: EnvironmentHub): DataAccess {
  return new DataAccess(scope, "Access", {
    ...context.environment.access,
    deployer: context.deployer,
    roles: { Hub: rolesOn(hub) },
  });
}

const rolesOn = (hub: IotHub): DataRoles => ({
  scope: hub.resource.id,
  contributorRole: "IoT Hub Data Contributor",
  readerRole: "IoT Hub Data Reader",
});
