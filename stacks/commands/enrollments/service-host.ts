import { provisioningServiceName } from "../../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import type { ProvisioningConfig } from "../../../environments/provisioning-config";
import { nameParts } from "../../../environments/validation/name-parts";

/** Host of the Device Provisioning Service that an environment uses: the one that it names, otherwise its own. */
export function serviceHost(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  { service }: ProvisioningConfig,
): string {
  return `${service ?? provisioningServiceName(nameParts(organization, environment))}.azure-devices-provisioning.net`;
}
