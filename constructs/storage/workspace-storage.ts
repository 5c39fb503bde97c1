import type { StorageAccount as StorageAccountResource } from "@cdktf/provider-azurerm/lib/storage-account";
import { Construct } from "constructs";
import { StorageAccount, type StorageAccountProps } from "./storage-account";

/** What `WorkspaceStorage` needs. */
export type WorkspaceStorageProps = Omit<StorageAccountProps, "hierarchicalNamespace" | "sharedKeys" | "versioning">;

/**
 * The machine learning workspace's own account, for job output, snapshots and notebooks. Flat, because Azure ML refuses an
 * account with a hierarchical namespace as its default
 * (learn.microsoft.com/azure/machine-learning/how-to-manage-workspace); no shared keys, because the workspace and its
 * compute reach it by identity.
 */
export class WorkspaceStorage extends Construct {
  public readonly resource: StorageAccountResource;

  public constructor(scope: Construct, id: string, props: WorkspaceStorageProps) {
    super(scope, id);
    this.resource = new StorageAccount(this, "Account", {
      ...props,
      hierarchicalNamespace: false,
      sharedKeys: false,
    }).resource;
  }
}
