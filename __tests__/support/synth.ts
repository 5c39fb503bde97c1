import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { Aspects, type IAspect, type ITerraformDependable, Testing, TerraformStack } from "cdktf";
import { AlertReceivers } from "../../constructs/monitoring/alert-receivers";
import { ApplicationInsights } from "../../constructs/monitoring/application-insights";
import { LogAnalytics } from "../../constructs/monitoring/log-analytics";
import { HubEvents } from "../../constructs/hub/hub-events";
import { IotHub } from "../../constructs/hub/iot-hub";
import { KeyVault } from "../../constructs/security/key-vault";
import { type Problem, ValidationError } from "@edge-anomaly-detection/common";
import { DataLake } from "../../constructs/storage/data-lake";
import { PackageStorage } from "../../constructs/storage/package-storage";
import { WorkspaceStorage } from "../../constructs/storage/workspace-storage";
import { ContainerRegistry } from "../../constructs/machine-learning/container-registry";
import { MachineLearningWorkspace } from "../../constructs/machine-learning/machine-learning-workspace";
import { AzapiProvider } from "@edge-anomaly-detection/terraform-bindings";

/** Arguments of one resource as Terraform reads them. */
export type Block = Record<string, unknown>;

/** A synthesized stack, parsed. */
export interface StackJson {
  readonly terraform: Block;
  readonly provider: Record<string, Block[]>;
  readonly resource: Record<string, Record<string, Block>>;
  readonly data?: Record<string, Record<string, Block>>;
  readonly ephemeral?: Record<string, Record<string, Block>>;
  readonly output?: Record<string, Block>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
}

/** A stack to try constructs in, with what they depend on made when asked for. */
export class Bench {
  public readonly stack: TerraformStack;
  public readonly resourceGroup: ResourceGroup;
  public readonly deployer: DataAzurermClientConfig;

  public constructor() {
    this.stack = new TerraformStack(Testing.app(), "test");
    new AzurermProvider(this.stack, "Azurerm", { features: [{}] });
    new AzapiProvider(this.stack, "Azapi");
    new TimeProvider(this.stack, "Time");
    this.deployer = new DataAzurermClientConfig(this.stack, "Deployer");
    this.resourceGroup = new ResourceGroup(this.stack, "ResourceGroup", { name: "rg-test", location: "westeurope" });
  }

  public logAnalytics(): LogAnalytics {
    return this.once("LogAnalytics", (id) => new LogAnalytics(this.stack, id, { ...this.common("log-test") }));
  }

  public lake(): DataLake {
    return this.once("Lake", (id) => new DataLake(this.stack, id, { ...this.common("stlake") }));
  }

  public packages(): PackageStorage {
    return this.once("Packages", (id) => new PackageStorage(this.stack, id, { ...this.common("stasa") }));
  }

  public workspaceStorage(): WorkspaceStorage {
    return this.once("WorkspaceStorage", (id) => new WorkspaceStorage(this.stack, id, { ...this.common("stml") }));
  }

  public hub(): IotHub {
    return this.once("Hub", (id) => new IotHub(this.stack, id, { ...this.common("iot-test") }));
  }

  public hubEvents(after: readonly ITerraformDependable[] = []): HubEvents {
    const { resourceGroup } = this;
    return this.once(
      "HubEvents",
      (id) => new HubEvents(this.stack, id, { resourceGroup, name: "evgt-test", hub: this.hub(), after }),
    );
  }

  public registry(): ContainerRegistry {
    return this.once("Registry", (id) => new ContainerRegistry(this.stack, id, { ...this.common("crtest") }));
  }

  public receivers(): AlertReceivers {
    return this.once(
      "Receivers",
      (id) =>
        new AlertReceivers(this.stack, id, { ...this.common("ag-test"), receivers: { operators: "ops@example.com" } }),
    );
  }

  public workspace(): MachineLearningWorkspace {
    return this.once("Workspace", (id) => {
      const vault = new KeyVault(this.stack, "WorkspaceVault", {
        ...this.common("kvml-test"),
        deployer: this.deployer,
      });
      const applicationInsights = new ApplicationInsights(this.stack, "ApplicationInsights", {
        ...this.common("appi-test"),
        logAnalytics: this.logAnalytics(),
      });
      return new MachineLearningWorkspace(this.stack, id, {
        ...this.common("mlw-test"),
        identityName: "id-workspace-test",
        vault,
        storage: this.workspaceStorage(),
        applicationInsights,
        registry: this.registry(),
        lake: this.lake(),
        purgeOnDestroy: false,
      });
    });
  }

  /** Props that most constructs share. */
  public common(name: string): { resourceGroup: ResourceGroup; name: string; preventDestroy: boolean } {
    return { resourceGroup: this.resourceGroup, name, preventDestroy: false };
  }

  public addAspect(aspect: IAspect): void {
    Aspects.of(this.stack).add(aspect);
  }

  /** What Terraform would read. Runs aspects and validations, as a real synthesis does. */
  public json(): StackJson {
    return JSON.parse(Testing.synth(this.stack, true)) as StackJson;
  }

  private once<T>(id: string, make: (id: string) => T): T {
    return (this.stack.node.tryFindChild(id) as T | undefined) ?? make(id);
  }
}

/** What cdktf's own way of writing a stack makes of it. */
export const writtenByCdktf = (stack: TerraformStack): unknown =>
  TerraformStack.prototype.toTerraform.call(stack) as unknown;

/** The only resource of its type, or the one whose logical id starts as told. */
export function find(json: StackJson, type: string, idPrefix = ""): Block {
  const byId = Object.entries(json.resource[type] ?? {}).filter(([id]) => id.startsWith(idPrefix));
  const [first] = byId;
  if (first === undefined || byId.length > 1) {
    throw new Error(
      `${byId.length} resources ${type}.${idPrefix}* among ${Object.keys(json.resource[type] ?? {}).join()}`,
    );
  }
  return first[1];
}

/** All resources of a type by logical id, without synthesis metadata. */
export function all(json: StackJson, type: string): Block[] {
  return Object.values(json.resource[type] ?? {});
}

/** What is at a path such as `sku.name` or `rule[0].filters`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter((part) => part !== "")
    .reduce<unknown>((inner, key) => (inner as Block | undefined)?.[key], value);
}

/** The problems that `run` throws; fails when it throws none or something else. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ValidationError) {
      return error.problems;
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

/** Paths of problems, in order. */
export const paths = (problems: readonly Problem[]): string[] => problems.map(({ path }) => path);
