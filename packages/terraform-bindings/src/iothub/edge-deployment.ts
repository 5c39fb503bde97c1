import { type IResolvable, type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { IOTHUB_PROVIDER } from "./provider";

/** Text by name, or a reference to such a map. */
type TextMap = Readonly<Record<string, string>> | IResolvable;

/** Arguments of `iothub_edge_deployment`. */
export interface IothubEdgeDeploymentConfig extends TerraformMetaArguments {
  /** Id, 1 to 128 characters of `a-z 0-9 - + % _ * ! '`, unique among all deployments and configurations of the hub. A change replaces it. */
  readonly deploymentId: string;
  /** `modulesContent` of a manifest, as JSON text. A change of its value replaces the deployment. */
  readonly modulesContent: string;
  /** Which devices it is for: a condition over `deviceId`, `tags` and `properties.reported`, or `*`. */
  readonly targetCondition: string;
  /** Rank, 0 or higher: the highest base wins, layers are put on it in rising order. @default 0 */
  readonly priority?: number;
  /** Free-form labels. @default - none */
  readonly labels?: TextMap;
  /** Custom metrics: queries over devices or modules by name. @default - none */
  readonly metrics?: TextMap;
}

/** An IoT Edge deployment: {@link https://registry.terraform.io/providers/mwalser/iothub/latest/docs/resources/edge_deployment iothub_edge_deployment}. */
export class IothubEdgeDeployment extends TerraformResource {
  public static readonly tfResourceType = "iothub_edge_deployment";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: IothubEdgeDeploymentConfig,
  ) {
    super(scope, id, {
      terraformResourceType: IothubEdgeDeployment.tfResourceType,
      terraformGeneratorMetadata: IOTHUB_PROVIDER,
      ...config,
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      deployment_id: config.deploymentId,
      modules_content: config.modulesContent,
      target_condition: config.targetCondition,
      priority: config.priority,
      labels: config.labels,
      metrics: config.metrics,
    };
  }
}
