import { createHash } from "node:crypto";
import { type ITerraformDependable, TerraformIterator, TerraformLocal, type TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { assertValid, collect, type Problem, problemIf, stableJson } from "@edge-anomaly-detection/common";
import type { ModulesContent } from "@edge-anomaly-detection/edge-manifest-tools";
import { IothubEdgeDeployment } from "@edge-anomaly-detection/terraform-bindings";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";

/** What the devices of a ring get from one layer. */
export interface RingContent {
  /** Which devices they are. */
  readonly targetCondition: string;
  /** Version that the ring runs, a label of the deployment in the hub. */
  readonly version: string;
  /** What they get. */
  readonly content: ModulesContent;
}

/** What `EdgeDeployment` needs. */
export interface EdgeDeploymentProps {
  /** Name of the layer, lower-case letters and hyphens; the deployments' ids start with it. */
  readonly layer: string;
  /** Rank among the deployments of a device, 0 to 1,000,000. */
  readonly priority: number;
  /** Contents by ring; the ring's name is the address in the state. At least one. */
  readonly rings: Readonly<Record<string, RingContent>>;
  /** Modules that must run for a device to count as healthy. @default - the runtime alone */
  readonly modules?: readonly string[];
  /**
   * Whether contents hold references that are filled in at apply. The plan then hides them: the hub's provider has no
   * write-only argument for content. @default false
   */
  readonly late?: boolean;
  /** Provider of the hub. @default - the one without an alias */
  readonly provider?: TerraformProvider;
  /** What must exist first: the roles that allow it. */
  readonly after: readonly ITerraformDependable[];
}

/** Digits of the hash in a deployment's id: 40 bits, for a few contents of one layer. */
const HASH_LENGTH = 10;

/** Validation errors in what a deployment is made of. */
export function edgeDeploymentProblems(props: Pick<EdgeDeploymentProps, "layer" | "priority" | "rings">): Problem[] {
  return collect(
    hasForm("layer", props.layer, /^[a-z][a-z-]{0,31}$/, "1 to 32 lower-case letters and hyphens", "rename the layer"),
    inRange("priority", props.priority, { min: 0, max: 1_000_000, unit: "ranks" }, "choose its rank"),
    problemIf(
      Object.keys(props.rings).length === 0,
      "rings",
      props.rings,
      "at least one ring",
      "leave the deployment out where there is none",
    ),
    ...Object.keys(props.rings).map((ring) =>
      hasForm(
        `rings.${ring}`,
        ring,
        /^[a-z0-9][a-z0-9-]{0,31}$/,
        "a name of 1 to 32 lower-case letters, digits and hyphens",
        "rename the ring",
      ),
    ),
  );
}

/**
 * One layer as a deployment for each ring.
 *
 * A hub never changes a deployment's content: it takes a changed one without a word and keeps the old. So the id carries a
 * hash of the content, and a new deployment is there before its predecessor goes: no device is ever without one.
 */
export class EdgeDeployment extends Construct {
  public readonly resource: IothubEdgeDeployment;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: EdgeDeploymentProps,
  ) {
    super(scope, id);
    assertValid(this.node.path, edgeDeploymentProblems(props));
    const rings = TerraformIterator.fromMap(
      Object.fromEntries(Object.entries(props.rings).map(([ring, content]) => [ring, this.entry(ring, content)])),
    );
    const late = props.late === true ? this.lateContent() : undefined;
    const content = late === undefined ? rings.getString("content") : `\${${late}}`;
    const deploymentId = late === undefined ? rings.getString("id") : `${props.layer}-\${each.key}-${lateHash(late)}`;
    this.resource = new IothubEdgeDeployment(this, "Resource", {
      forEach: rings,
      deploymentId,
      modulesContent: content,
      targetCondition: rings.getString("condition"),
      priority: props.priority,
      labels: { layer: props.layer, ring: "${each.key}", version: rings.getString("version") },
      metrics: this.metrics(deploymentId),
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [...props.after],
      ...(props.provider !== undefined && { provider: props.provider }),
    });
  }

  private entry(ring: string, { targetCondition, version, content }: RingContent): Record<string, string> {
    const common = { condition: targetCondition, version };
    if (this.props.late === true) {
      return common;
    }
    const text = stableJson(content);
    const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
    return { ...common, id: `${this.props.layer}-${ring}-${hash}`, content: text };
  }

  /** The content of the current ring, as an expression without its braces. */
  private lateContent(): string {
    const contents = Object.entries(this.props.rings).map(([ring, { content }]) => [ring, content]);
    const local = new TerraformLocal(this, "Contents", Object.fromEntries(contents) as Record<string, unknown>);
    return `jsonencode(local.${local.friendlyUniqueId}[each.key])`;
  }

  /** Queries as the hub's own system metrics are written, which count no device before it has applied the deployment. */
  private metrics(deploymentId: string): Record<string, string> {
    const applied = `SELECT deviceId FROM devices.modules WHERE moduleId = '$edgeAgent' AND configurations.[[${deploymentId}]].status = 'Applied'`;
    const running = (path: string): string => `properties.reported.${path}.runtimeStatus = 'running'`;
    const modules = (this.props.modules ?? []).map((module) => running(`modules.[[${module}]]`));
    return {
      healthyRuntime: [
        applied,
        "properties.reported.lastDesiredStatus.code = 200",
        running("systemModules.edgeAgent"),
        running("systemModules.edgeHub"),
      ].join(" AND "),
      ...(modules.length > 0 && { healthyModules: [applied, ...modules].join(" AND ") }),
    };
  }
}

/** A hash that tells nothing of a secret content: 40 bits of SHA-256. */
const lateHash = (content: string): string => `\${nonsensitive(substr(sha256(${content}), 0, ${HASH_LENGTH}))}`;
