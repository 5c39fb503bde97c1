import type { ITerraformDependable } from "cdktf";
import { TerraformOutput } from "cdktf";
import { DigitalTwins } from "../../constructs/digital-twins/digital-twins";
import { TwinEpisodes } from "../../constructs/digital-twins/twin-episodes";
import { DataAccess } from "../../constructs/security/data-access";
import * as names from "../../constructs/shared/names";
import type { EnvironmentHubs } from "./hub";
import { type EnvironmentContext, sendDiagnostics, sendStorageDiagnostics } from "./context";

/** Nothing of it where the environment's configuration has no instance. */
export function createDigitalTwins(context: EnvironmentContext): DigitalTwins | undefined {
  const { stack, environment, parts, resourceGroup, access, preventDestroy } = context;
  const settings = environment.twin?.instance;
  if (settings === undefined) {
    return undefined;
  }
  const twins = new DigitalTwins(stack, "DigitalTwins", {
    ...settings,
    resourceGroup,
    name: names.digitalTwinsName(parts),
    storageName: names.storageAccountName(parts, "twin"),
    ...(environment.accounts && { storage: environment.accounts }),
    access,
    preventDestroy,
  });
  sendDiagnostics(context, twins, "digitalTwins", twins.resource.id);
  sendStorageDiagnostics(context, twins.storage, twins.storage.id);
  // Apart from the environment's other access: devices do not wait for an instance of twins.
  new DataAccess(stack, "TwinAccess", {
    ...environment.access,
    deployer: context.deployer,
    roles: {
      Twins: {
        scope: twins.resource.id,
        contributorRole: "Azure Digital Twins Data Owner",
        readerRole: "Azure Digital Twins Data Reader",
        analystRole: "Azure Digital Twins Data Reader",
      },
      Storage: {
        scope: twins.storage.id,
        contributorRole: "Storage Blob Data Contributor",
        readerRole: "Storage Blob Data Reader",
        analystRole: "Storage Blob Data Reader",
      },
    },
  });
  new TerraformOutput(stack, "digital_twins_address", { value: twins.address, staticId: true });
  return twins;
}

/** Brings episodes of all hubs to the twin's queue, where there is an instance. */
export function bringEpisodes(
  context: EnvironmentContext,
  hubs: EnvironmentHubs,
  twins: DigitalTwins | undefined,
  after: ReadonlyMap<string, readonly ITerraformDependable[]>,
): void {
  for (const { name, stamp, scope, events } of hubs) {
    if (events !== undefined && twins !== undefined) {
      new TwinEpisodes(scope, "TwinEpisodes", {
        resourceGroup: context.resourceGroup,
        events,
        twins,
        alertReceivers: context.receivers,
        after: after.get(name) ?? [],
        ...(stamp !== undefined && { stamp }),
      });
    }
  }
}
