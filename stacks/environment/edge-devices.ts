import { DETECTOR } from "@edge-anomaly-detection/edge-manifest-tools";
import type { ITerraformDependable } from "cdktf";
import { deviceHub } from "../../constructs/edge/device-list";
import { DeviceSecrets } from "../../constructs/edge/device-secrets";
import { EdgeRollout } from "../../constructs/edge/edge-rollout";
import { buildsDetector, type EdgeSettings, gatewaysOf } from "../../constructs/edge/edge-settings";
import { EdgeVirtualMachine } from "../../constructs/edge/edge-virtual-machine";
import { HubDataPlane } from "../../constructs/edge/hub-data-plane";
import { IothubDevice, type IothubDeviceProps } from "../../constructs/edge/iothub-device";
import { RegistryAccess } from "../../constructs/edge/registry-access";
import { hubStamps } from "../../constructs/hub/hub-stamps";
import type { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import { RegistryImage } from "../../constructs/machine-learning/registry-image";
import type { KeyVault } from "../../constructs/security/key-vault";
import * as names from "../../constructs/shared/names";
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
import { type EnvironmentHub, type EnvironmentHubs, scopeOf } from "./hub";

/** What an environment's devices depend on. */
export interface EdgeDependencies {
  readonly hubs: EnvironmentHubs;
  readonly vault: KeyVault;
  readonly registry: ContainerRegistry;
  /** What must exist before data of a hub and of the vault is read and written, by the hub's name. */
  readonly after: ReadonlyMap<string, readonly ITerraformDependable[]>;
  readonly edgePackage: EdgePackage | undefined;
}

/** Creates what devices run, on every hub the same, and the devices, each on its hub. */
export function createEdge(context: EnvironmentContext, dependencies: EdgeDependencies): void {
  const { stack, organization, environment, resourceGroup } = context;
  const { edge } = environment;
  if (edge === undefined) {
    return;
  }
  const { hubs, vault, registry, edgePackage } = dependencies;
  const built = createImages(context, edge, registry);
  const devices: IothubDevice[] = [];
  let registryAccess: RegistryAccess | undefined;
  let rollout: EdgeRollout | undefined;
  for (const { name, stamp, scope, hub } of hubs) {
    const after = dependencies.after.get(name) ?? [];
    const { provider } = new HubDataPlane(scope, "HubDataPlane", {
      hostname: hub.resource.hostname,
      ...(stamp !== undefined && { alias: stamp }),
    });
    const ofHub = provider === undefined ? {} : { provider };
    registryAccess ??= (edge.analysers?.detector ?? true) ? createRegistryAccess(context, registry) : undefined;
    const next: EdgeRollout = new EdgeRollout(scope, "Rollout", {
      settings: edge,
      surroundings: edgeSurroundings(organization, environment),
      package: edgePackage,
      registryAccess,
      // A device that finds no image tries again ever less often.
      after: [...after, ...built],
      ...(rollout !== undefined && { sameAs: rollout }),
      ...ofHub,
    });
    rollout ??= next;
    devices.push(...createDevices(context, edge, { name, scope, after, ...ofHub }));
  }
  keepProvidersOfRemoved(context);
  if (devices.length === 0) {
    return;
  }
  const secrets = new DeviceSecrets(stack, "DeviceSecrets", {
    devices,
    vault,
    // Those of the vault; devices wait for their own hub.
    after: dependencies.after.get(hubs[0].name) ?? [],
  });
  const machines = (edge.devices ?? []).filter(({ virtualMachine }) => virtualMachine === true);
  if (machines.length > 0) {
    new EdgeVirtualMachine(stack, "EdgeVirtualMachine", {
      ...edge,
      resourceGroup,
      devices: machines,
      runtime: DEFAULT_RUNTIME,
      hubHostname: hubs[0].hub.resource.hostname,
      vault,
      after: [...devices.map(({ twins }) => twins), ...(secrets.resource === undefined ? [] : [secrets.resource])],
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

function createRegistryAccess(
  { stack, resourceGroup, environment }: EnvironmentContext,
  registry: ContainerRegistry,
): RegistryAccess {
  return new RegistryAccess(stack, "RegistryAccess", {
    resourceGroup,
    registry,
    repository: DETECTOR.imageRepository,
    ...environment.edge?.registryTokens,
  });
}

/** The devices of one hub, where it has any. */
function createDevices(
  { environment }: EnvironmentContext,
  edge: EdgeSettings,
  { name, scope, ...props }: Pick<EnvironmentHub, "name" | "scope"> & Pick<IothubDeviceProps, "after" | "provider">,
): IothubDevice[] {
  const gateways = gatewaysOf(edge);
  const devices = (edge.devices ?? []).filter((device) => deviceHub(device) === name);
  return devices.length === 0
    ? []
    : [
        new IothubDevice(scope, "Devices", {
          devices: devices.map((device) => ({ ...device, gateway: gateways.has(device.id) })),
          environment: environment.name,
          ...props,
        }),
      ];
}

/** Terraform destroys what is on a hub by the provider that made it, which must still be in the configuration. */
function keepProvidersOfRemoved(context: EnvironmentContext): void {
  for (const { name, state } of hubStamps(context.environment.hub ?? {})) {
    if (state === "removed") {
      new HubDataPlane(scopeOf(context, name), "HubDataPlane", {
        hostname: `${names.iotHubName(context.parts, name)}.azure-devices.net`,
        alias: name,
      });
    }
  }
}
