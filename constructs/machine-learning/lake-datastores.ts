import { MachineLearningDatastoreDatalakeGen2 } from "@cdktf/provider-azurerm/lib/machine-learning-datastore-datalake-gen2";
import { TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { ANOMALY_CONTAINER, type DataLake, MODEL_CONTAINER, TELEMETRY_CONTAINER } from "../storage/data-lake";
import type { MachineLearningWorkspace } from "./machine-learning-workspace";

/** What `LakeDatastores` needs. */
export interface LakeDatastoresProps {
  /** The workspace that reads the lake. */
  readonly workspace: MachineLearningWorkspace;
  /** The lake. */
  readonly lake: DataLake;
}

/** Name of a container's datastore: Azure ML takes letters, digits and underscores. */
export const datastoreName = (container: string): string => container.replaceAll("-", "_");

/**
 * The lake's containers as datastores of the workspace: `anomaly_data`, `telemetry_data` and `ml_models`; containers that an
 * environment adds get none. They hold no credential: jobs read as whoever they run as, and the studio's previews as the
 * workspace's identity.
 */
export class LakeDatastores extends Construct {
  public readonly resource: MachineLearningDatastoreDatalakeGen2;

  public constructor(scope: Construct, id: string, props: LakeDatastoresProps) {
    super(scope, id);
    const containers = [ANOMALY_CONTAINER, MODEL_CONTAINER, TELEMETRY_CONTAINER];
    const datastores = TerraformIterator.fromMap(
      Object.fromEntries(
        containers.map((name) => [name, { name: datastoreName(name), container_id: props.lake.containerId(name) }]),
      ),
    );
    this.resource = new MachineLearningDatastoreDatalakeGen2(this, "Resource", {
      forEach: datastores,
      name: datastores.getString("name"),
      workspaceId: props.workspace.resource.id,
      storageContainerId: datastores.getString("container_id"),
      serviceDataIdentity: "WorkspaceUserAssignedIdentity",
    });
  }
}
