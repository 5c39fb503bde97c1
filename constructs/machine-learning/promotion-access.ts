import { Construct } from "constructs";
import { assignRole, type Principals } from "../security/principals";
import { type DataLake, MODEL_CONTAINER } from "../storage/data-lake";
import type { ContainerRegistry } from "./container-registry";
import type { MachineLearningWorkspace } from "./machine-learning-workspace";

/** What `PromotionAccess` needs. */
export interface PromotionAccessProps {
  /** Who pushes images and reads models for them. @default - nobody */
  readonly imagePublishers?: Principals;
  /** Who reads which models are registered. @default - nobody */
  readonly modelReaders?: Principals;
  /** Where images are kept. */
  readonly registry: ContainerRegistry;
  /** Where models' files are. */
  readonly lake: DataLake;
  /** Where models are registered. */
  readonly workspace: MachineLearningWorkspace;
}

/** What the workflows that build images and promote models may do, and no more: their identities come from the bootstrap. */
export class PromotionAccess extends Construct {
  public constructor(scope: Construct, id: string, props: PromotionAccessProps) {
    super(scope, id);
    const { imagePublishers = {}, modelReaders = {}, registry, lake, workspace } = props;
    if (Object.keys(imagePublishers).length > 0) {
      assignRole(this, "Push", registry.resource.id, "AcrPush", imagePublishers);
      const models = `${lake.resource.id}/blobServices/default/containers/${lake.containerName(MODEL_CONTAINER)}`;
      assignRole(this, "Models", models, "Storage Blob Data Reader", imagePublishers);
    }
    if (Object.keys(modelReaders).length > 0) {
      assignRole(this, "Registered", workspace.resource.id, "Reader", modelReaders);
    }
  }
}
