import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import type { ITerraformDependable } from "cdktf";
import { DeviceSecrets } from "../../constructs/edge/device-secrets";
import { EdgeRollout } from "../../constructs/edge/edge-rollout";
import { buildsDetector, type EdgeSettings, gatewaysOf } from "../../constructs/edge/edge-settings";
import { EdgeVirtualMachine } from "../../constructs/edge/edge-virtual-machine";
import { HubDataPlane } from "../../constructs/edge/hub-data-plane";
import { IothubDevice } from "../../constructs/edge/iothub-device";
import { RegistryAccess } from "../../constructs/edge/registry-access";
import type { IotHub } from "../../constructs/hub/iot-hub";
import type { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import { RegistryImage } from "../../constructs/machine-learning/registry-image";
import type { KeyVault } from "../../constructs/security/key-vault";
import type { EdgePackage } from "../../constructs/stream-analytics/edge-package";
import { DEFAULT_RUNTIME } from "../../edge-manifests/base-layer";
import { FROM_SOURCE, IMAGE_SOURCES } from "../../edge-manifests/image-sources";
import {
  modelImageBase,
  type ModelImageContents,
  modelImageContents,
  modelImageSource,
  modelImageTag,
} from "../../edge-manifests/model-image";
import { edgeSurroundings } from "../../environments/validation/edge-surroundings";
import type { EnvironmentContext } from "./context";

/** What an environment's devices depend on. */
export interface EdgeDependencies {
  readonly hub: IotHub;
  readonly vault: KeyVault;
  readonly registry: ContainerRegistry;
  /** What must exist before data is read and written. */
  readonly after: readonly ITerraformDependable[];
  readonly edgePackage: EdgePackage | undefined;
}

export function createEdge(
  context: EnvironmentContext,
  { hub, vault, registry, after, edgePackage }: EdgeDependencies,
): void {
  const { stack, organization, environment, resourceGroup } = context;
  const { edge } = environment;
  if (edge === undefined) {
    return;
  }
  const built = createImages(context, edge, registry);
  new HubDataPlane(stack, "HubDataPlane", { hostname: hub.resource.hostname });
  new EdgeRollout(stack, "Rollout", {
    settings: edge,
    surroundings: edgeSurroundings(organization, environment),
    package: edgePackage,
    registryAccess:
      (edge.analysers?.detector ?? true)
        ? new RegistryAccess(stack, "RegistryAccess", {
            resourceGroup,
            registry,
            repository: DETECTOR.imageRepository,
            ...edge.registryTokens,
          })
        : undefined,
    // A device that finds no image tries again ever less often.
    after: [...after, ...built],
  });
  if (edge.devices === undefined || edge.devices.length === 0) {
    return;
  }
  const gateways = gatewaysOf(edge);
  const devices = new IothubDevice(stack, "Devices", {
    devices: edge.devices.map((device) => ({ ...device, gateway: gateways.has(device.id) })),
    environment: environment.name,
    after,
  });
  const secrets = new DeviceSecrets(stack, "DeviceSecrets", { devices, vault, after });
  const machines = edge.devices.filter(({ virtualMachine }) => virtualMachine === true);
  if (machines.length > 0) {
    new EdgeVirtualMachine(stack, "EdgeVirtualMachine", {
      ...edge,
      resourceGroup,
      devices: machines,
      runtime: DEFAULT_RUNTIME,
      hubHostname: hub.resource.hostname,
      vault,
      after: [devices.twins, ...(secrets.resource === undefined ? [] : [secrets.resource])],
    });
  }
}

/** The detector, and each different model image on top of it, where the registry builds them. */
function createImages(
  { stack }: EnvironmentContext,
  edge: EdgeSettings,
  registry: ContainerRegistry,
): ITerraformDependable[] {
  const detector = buildsDetector(edge)
    ? new RegistryImage(stack, "DetectorImage", { registry, source: IMAGE_SOURCES.detector })
    : undefined;
  const after = detector === undefined ? [] : [detector.resource];
  // By their tags: two versions with the same contents share an image, which may not be built twice under one name.
  const images = new Map<string, ModelImageContents>();
  for (const version of Object.values(edge.versions)) {
    const contents = version.modelImage === FROM_SOURCE ? modelImageContents(version, detector?.tag) : undefined;
    if (contents !== undefined) {
      images.set(modelImageTag(contents), contents);
    }
  }
  const models = [...images].map(
    ([tag, contents]) =>
      new RegistryImage(stack, `ModelImage-${tag}`, {
        registry,
        source: modelImageSource(contents),
        tag,
        buildArguments: { DETECTOR_IMAGE: modelImageBase("$Registry", contents) },
        after,
      }).resource,
  );
  return [...after, ...models];
}
