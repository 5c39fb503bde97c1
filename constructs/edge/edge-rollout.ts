import { validateProps } from "../shared/validate-props";
import { type ITerraformDependable, TerraformLocal, type TerraformProvider, Token } from "cdktf";
import { Construct } from "constructs";
import { LAYERS, type LayerName, layersOf, modulesOf } from "../../edge-manifests/layers";
import type { PublishedModule } from "../../edge-manifests/stream-analytics-layer";
import type { EdgePackage } from "../stream-analytics/edge-package";
import { EdgeDeployment, type RingContent } from "./edge-deployment";
import { edgeProblems } from "./edge-settings-problems";
import {
  type EdgeSettings,
  type EdgeSurroundings,
  type LateParts,
  layerConditionOf,
  priorityOf,
  softwareOf,
  UNKNOWN_PARTS,
} from "./edge-settings";
import type { RegistryAccess } from "./registry-access";
import type { EdgeRing } from "./rings";

/** What `EdgeRollout` needs. */
export interface EdgeRolloutProps {
  /** What the environment decides about its devices. */
  readonly settings: EdgeSettings;
  /** What of its other settings matters on devices. */
  readonly surroundings: EdgeSurroundings;
  /** The published Stream Analytics job. @default - none, as in environments without it on devices */
  readonly package?: EdgePackage;
  /** How devices get the ML module's image. @default - none, as in environments without the module */
  readonly registryAccess?: RegistryAccess;
  /** Rollout on another hub of the environment, whose layers this one has too. @default - none, the layers are made here */
  readonly sameAs?: EdgeRollout;
  /** Provider of the hub. @default - the one without an alias */
  readonly provider?: TerraformProvider;
  /** What must exist first: the roles that allow it. */
  readonly after: readonly ITerraformDependable[];
}

/** The layers of a ring. */
type RingLayers = readonly [name: string, ring: EdgeRing, layers: ReturnType<typeof layersOf>];

/** Construct ids by layer; constant, because they are addresses in the state. */
const IDS: Readonly<Record<LayerName, string>> = {
  base: "Base",
  gateway: "Gateway",
  registryAccess: "RegistryAccess",
  simulatedSensor: "SimulatedSensor",
  detector: "Detector",
  streamAnalytics: "StreamAnalytics",
};

/** The layers whose content is only known at apply, and secret in part. */
const LATE: readonly LayerName[] = ["registryAccess", "streamAnalytics"];

/** Everything that devices run, as one deployment for each layer and ring. */
export class EdgeRollout extends Construct {
  /** The layers that there are. */
  public readonly deployments: Partial<Record<LayerName, EdgeDeployment>> = {};
  private readonly contents: readonly RingLayers[];

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: EdgeRolloutProps,
  ) {
    super(scope, id);
    const { settings, surroundings } = props;
    validateProps(this, () => edgeProblems(settings, surroundings));
    this.contents = props.sameAs?.contents ?? this.makeContents();
    for (const layer of LAYERS) {
      const rings = Object.fromEntries(
        this.contents.flatMap(([name, ring, layers]): [string, RingContent][] => {
          const content = layers[layer];
          const targetCondition = layerConditionOf(surroundings.environment, ring, layer);
          return content === undefined ? [] : [[name, { content, targetCondition, version: ring.version }]];
        }),
      );
      if (Object.keys(rings).length > 0) {
        this.deployments[layer] = this.deploy(layer, rings);
      }
    }
  }

  private makeContents(): RingLayers[] {
    const { settings, surroundings, registryAccess } = this.props;
    const late: LateParts = {
      published: this.props.package === undefined ? UNKNOWN_PARTS.published : publishedModule(this, this.props.package),
      registry: registryAccess?.credential ?? UNKNOWN_PARTS.registry,
    };
    return Object.entries(settings.rings).map(([name, ring]) => [
      name,
      ring,
      layersOf(softwareOf(settings, ring, surroundings, late)),
    ]);
  }

  private deploy(layer: LayerName, rings: Readonly<Record<string, RingContent>>): EdgeDeployment {
    const [first] = Object.values(rings);
    return new EdgeDeployment(this, IDS[layer], {
      layer: layer.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      priority: priorityOf(this.props.settings, layer),
      rings,
      // The same in every ring: rings differ in versions, not in modules.
      modules: first === undefined ? [] : modulesOf(first.content),
      late: LATE.includes(layer),
      after: this.props.after,
      ...(this.props.provider !== undefined && { provider: this.props.provider }),
    });
  }
}

/** What publishing answered, as references: nulls are left out, because the hub refuses them. */
function publishedModule(scope: Construct, edgePackage: EdgePackage): PublishedModule {
  const { terraformResourceType, friendlyUniqueId } = edgePackage.resource;
  const manifest = `jsondecode(${terraformResourceType}.${friendlyUniqueId}.sensitive_output.manifest)`;
  const twin = `${manifest}.twin.content["properties.desired"]`;
  const parts = new TerraformLocal(scope, "Published", {
    image: `\${${manifest}.settings.image}`,
    // Null where the job has no variables.
    env: `\${try(coalesce(${manifest}.env), {})}`,
    twin: `\${{ for name, value in ${twin} : "properties.desired.\${name}" => value if value != null }}`,
  });
  const part = (name: string): string => `\${local.${parts.friendlyUniqueId}.${name}}`;
  return { image: Token.asString(part("image")), env: Token.asAny(part("env")), twin: Token.asAny(part("twin")) };
}
