import { IMAGE_SOURCES, sourceTag } from "../../edge-manifests/image-sources";
import { buildsDetector, type EdgeSurroundings } from "../../constructs/edge/edge-settings";
import { containerRegistryName, type NameParts, storageAccountName } from "../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { nameParts } from "./name-parts";

/** Host of an environment's container registry. */
export const registryHost = (parts: NameParts): string => `${containerRegistryName(parts)}.azurecr.io`;

/** Hosts of an environment's storage accounts. */
const storageHosts = (parts: NameParts): readonly string[] =>
  (["lake", "ml", "asa"] as const).map((purpose) => `${storageAccountName(parts, purpose)}.blob.core.windows.net`);

/** The settings of an environment that its devices depend on; all are known at synth. */
export function edgeSurroundings(organization: OrganizationConfig, environment: EnvironmentConfig): EdgeSurroundings {
  const { edge } = environment;
  const parts = nameParts(organization, environment);
  return {
    environment: environment.name,
    ...(edge !== undefined && buildsDetector(edge) && { detectorSourceTag: sourceTag(IMAGE_SOURCES.detector) }),
    registryHost: registryHost(parts),
    ownHosts: storageHosts(parts),
    isFreeHub: environment.hub?.sku === "F1",
    job: environment.streamAnalytics ?? {},
  };
}
