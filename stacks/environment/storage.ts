import { hasStreamAnalytics } from "../../constructs/edge/edge-settings";
import { KeyVault } from "../../constructs/security/key-vault";
import * as names from "../../constructs/shared/names";
import { DataLake } from "../../constructs/storage/data-lake";
import { PackageStorage } from "../../constructs/storage/package-storage";
import { type EnvironmentContext, sendDiagnostics, sendStorageDiagnostics } from "./context";

export function createVault(context: EnvironmentContext, id: string, name: string): KeyVault {
  const vault = new KeyVault(context.stack, id, {
    ...context.environment.keyVault,
    resourceGroup: context.resourceGroup,
    name,
    deployer: context.deployer,
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, vault, "keyVault", vault.resource.id);
  return vault;
}

export function createLake(context: EnvironmentContext): DataLake {
  const lake = new DataLake(context.stack, "Lake", {
    ...context.environment.lake,
    resourceGroup: context.resourceGroup,
    name: names.storageAccountName(context.parts, "lake"),
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendStorageDiagnostics(context, lake, lake.resource.id);
  return lake;
}

/** Nothing of it where devices do without: a failing publication must not keep an environment from being deployed. */
export function createPackageStorage(context: EnvironmentContext): PackageStorage | undefined {
  if (!hasStreamAnalytics(context.environment.edge)) {
    return undefined;
  }
  const packages = new PackageStorage(context.stack, "PackageStorage", {
    ...context.environment.accounts,
    resourceGroup: context.resourceGroup,
    name: names.storageAccountName(context.parts, "asa"),
    isRestricted: context.access.kind !== "everybody",
    preventDestroy: context.preventDestroy,
  });
  sendStorageDiagnostics(context, packages, packages.resource.id);
  return packages;
}
