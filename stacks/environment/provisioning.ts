import { ProvisioningService } from "../../constructs/hub/provisioning-service";
import { AuthorityExpiryAlert } from "../../constructs/monitoring/authority-expiry-alert";
import * as names from "../../constructs/shared/names";
import { authorityFiles, readAuthority } from "../../environments/validation/authority-certificates";
import { type EnvironmentContext, sendDiagnostics } from "./context";
import type { EnvironmentHubs } from "./hub";

/** The environment's own service; undefined where devices register otherwise. */
export function createProvisioning(
  context: EnvironmentContext,
  hubs: EnvironmentHubs,
): ProvisioningService | undefined {
  const { stack, environment, parts, resourceGroup, logAnalytics, receivers } = context;
  const { provisioning } = environment;
  if (provisioning === undefined) {
    return undefined;
  }
  const certificates = authorityFiles(provisioning).flatMap(({ group, file }) => {
    const certificate = readAuthority(file);
    return typeof certificate === "string" ? [] : [{ group, ends: new Date(certificate.validTo) }];
  });
  if (certificates.length > 0) {
    new AuthorityExpiryAlert(stack, "AuthorityExpiry", { resourceGroup, logAnalytics, receivers, certificates });
  }
  if (provisioning.service !== undefined) {
    return undefined;
  }
  const service = new ProvisioningService(stack, "Provisioning", {
    resourceGroup,
    name: names.provisioningServiceName(parts),
    identityName: names.userAssignedIdentityName(parts, "provisioning"),
    hubs: Object.fromEntries(
      hubs.map(({ stamp, hub, isActive }) => [
        stamp === undefined ? "Hub" : `Hub-${stamp}`,
        { hub, takesPart: isActive },
      ]),
    ),
    access: context.access,
    preventDestroy: context.preventDestroy,
  });
  sendDiagnostics(context, service, "provisioningService", service.resource.id);
  return service;
}
