import { IMAGE_SOURCES, sourceTag } from "../../edge-manifests/image-sources";
import { buildsDetector, type EdgeSurroundings } from "../../constructs/edge/edge-settings";
import { containerRegistryName, type NameParts } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { nameParts } from "./name-parts";

/** Host of an environment's container registry. */
export const registryHost = (parts: NameParts): string => `${containerRegistryName(parts)}.azurecr.io`;

/** The settings of an environment that its devices depend on; all are known at synth. */
export function edgeSurroundings(organization: OrganizationConfig, environment: EnvironmentConfig): EdgeSurroundings {
  const { edge } = environment;
  return {
    environment: environment.name,
    ...(edge !== undefined && buildsDetector(edge) && { detectorSourceTag: sourceTag(IMAGE_SOURCES.detector) }),
    registryHost: registryHost(nameParts(organization, environment)),
    isFreeHub: environment.hub?.sku === "F1",
    job: environment.streamAnalytics ?? {},
  };
}
