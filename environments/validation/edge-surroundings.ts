import type { EdgeSurroundings } from "../../constructs/edge/edge-settings";
import { containerRegistryName } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { nameParts } from "./name-parts";

/** What of an environment's record matters on its devices; all of it is known at synth. */
export function edgeSurroundings(organization: OrganizationConfig, environment: EnvironmentConfig): EdgeSurroundings {
  return {
    environment: environment.name,
    registryHost: `${containerRegistryName(nameParts(organization, environment))}.azurecr.io`,
    isFreeHub: environment.hub?.sku === "F1",
    job: environment.streamAnalytics ?? {},
  };
}
