import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { StorageAccount as StorageAccountResource } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { StorageQueue } from "@cdktf/provider-azurerm/lib/storage-queue";
import { Construct } from "constructs";
import { AzapiResource } from "@edge-anomaly-detection/terraform-bindings";
import { EVERYBODY, explainPublicAccess, isPublic, type ServiceAccess } from "../network/service-access";
import { assignRole } from "../security/principals";
import { grantRole } from "../security/role-grant";
import { mustBeThere } from "../shared/expressions";
import { validateProps } from "../shared/validate-props";
import { StorageAccount, type StorageAccountSettings } from "../storage/storage-account";
import { twinInstanceProblems, type TwinInstanceSettings } from "./twin-settings";

/** What `DigitalTwins` needs. */
export interface DigitalTwinsProps extends TwinInstanceSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in its region, 3 to 63 letters, digits and hyphens. */
  readonly name: string;
  /** Name of the storage account in all of Azure, 3 to 24 lower-case letters and digits. */
  readonly storageName: string;
  /** Replication and soft delete of the account. @default - those of `StorageAccountSettings` */
  readonly storage?: StorageAccountSettings;
  /** Who reaches instance and account at their own addresses. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan their destruction. */
  readonly preventDestroy: boolean;
}

/** Container that import jobs read and log to. */
export const IMPORT_CONTAINER = "imports";
/** Container of 3D Scenes Studio: its configuration and the files of scenes. */
export const SCENE_CONTAINER = "scenes";
/** Queue of messages about episodes. */
export const EPISODE_QUEUE = "episodes";

/** Where 3D Scenes Studio runs, in the browser of whoever uses it. */
const STUDIO = "https://explorer.digitaltwins.azure.net";

/** Version of Azure Digital Twins in ARM; there is no later one. */
const API = "2023-01-31";

/**
 * An instance of Azure Digital Twins with what its plant needs: an account for import jobs, scenes and a queue of episodes. Models and
 * graph are data: `npm run -s twin -- apply` loads them, `follow` writes episodes to them.
 *
 * An azapi resource, because azurerm cannot say `publicNetworkAccess`. The instance has no keys. Address rules it has none either.
 */
export class DigitalTwins extends Construct {
  /** The instance. */
  public readonly resource: AzapiResource;
  /** The account. */
  public readonly storage: StorageAccountResource;
  public readonly queue: StorageQueue;

  public constructor(scope: Construct, id: string, props: DigitalTwinsProps) {
    super(scope, id);
    validateProps(this, () => twinInstanceProblems(props));
    const { resourceGroup, access = EVERYBODY, preventDestroy } = props;
    this.resource = new AzapiResource(this, "Resource", {
      type: `Microsoft.DigitalTwins/digitalTwinsInstances@${API}`,
      name: props.name,
      parentId: resourceGroup.id,
      location: resourceGroup.location,
      identity: { type: "SystemAssigned" },
      body: { properties: { publicNetworkAccess: isPublic(access) ? "Enabled" : "Disabled" } },
      responseExportValues: { hostName: "properties.hostName" },
      lifecycle: {
        preventDestroy,
        postcondition: [
          mustBeThere(
            ["self.output.hostName"],
            "Azure answered no host name for the instance of Azure Digital Twins. Apply again.",
          ),
        ],
      },
    });
    explainPublicAccess(
      this.resource,
      access,
      "Azure Digital Twins has no address rules; whoever reads or writes twins signs in.",
    );
    this.storage = new StorageAccount(this, "Storage", {
      ...props.storage,
      resourceGroup,
      name: props.storageName,
      hierarchicalNamespace: false,
      sharedKeys: false,
      browserOrigins: [STUDIO],
      access,
      preventDestroy,
    }).resource;
    const imports = this.container("Imports", IMPORT_CONTAINER);
    this.container("Scenes", SCENE_CONTAINER);
    this.queue = new StorageQueue(this, "Episodes", { name: EPISODE_QUEUE, storageAccountId: this.storage.id });
    grantRole(this, "ImportRole", {
      role: "Storage Blob Data Contributor",
      scope: imports.id,
      principalId: this.resource.principalId,
      description: "Azure Digital Twins reads import files and writes their logs",
    });
    assignRole(this, "TwinUpdaters", this.resource.id, "Azure Digital Twins Data Owner", props.updaters);
    assignRole(this, "QueueUpdaters", this.queue.id, "Storage Queue Data Message Processor", props.updaters);
  }

  /** Address of the data plane. */
  public get address(): string {
    return `https://${this.resource.output("hostName")}`;
  }

  private container(id: string, name: string): StorageContainer {
    return new StorageContainer(this, id, {
      name,
      storageAccountId: this.storage.id,
      containerAccessType: "private",
    });
  }
}
