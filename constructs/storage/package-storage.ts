import type { StorageAccount as StorageAccountResource } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import { Construct } from "constructs";
import { declareException } from "../shared/policy-exception";
import { mustBeThere } from "../shared/expressions";
import { StorageAccount, type StorageAccountProps } from "./storage-account";

/** What `PackageStorage` needs. */
export type PackageStorageProps = Omit<
  StorageAccountProps,
  "access" | "hierarchicalNamespace" | "sharedKeys" | "versioning"
> & {
  /** Whether the environment's other services answer named addresses or nobody; this account answers everybody all the same. @default false */
  readonly isRestricted?: boolean;
};

/**
 * Where Stream Analytics exports published edge packages, and nothing else.
 *
 * The only account with shared keys: a device fetches its package with a link that is signed with the account's key and
 * valid for three years (learn.microsoft.com/azure/stream-analytics/stream-analytics-edge), longer than any link that an
 * identity can sign. Keeping the packages apart keeps that key away from all other data.
 */
export class PackageStorage extends Construct {
  public readonly resource: StorageAccountResource;
  public readonly container: StorageContainer;

  public constructor(scope: Construct, id: string, props: PackageStorageProps) {
    super(scope, id);
    const { isRestricted, ...account } = props;
    this.resource = new StorageAccount(this, "Account", {
      ...account,
      hierarchicalNamespace: false,
      sharedKeys: true,
    }).resource;
    // Where the keys may not be listed, azurerm goes on without them.
    this.resource.lifecycle = {
      ...this.resource.lifecycle,
      postcondition: [
        mustBeThere(
          ["self.primary_access_key"],
          "The keys of the package account cannot be read. Whoever runs Terraform needs the action " +
            "Microsoft.Storage/storageAccounts/listKeys/action on it: in a pipeline apply the bootstrap again, otherwise take the " +
            "role Reader and Data Access.",
        ),
      ],
    };
    declareException(
      this.resource,
      "storage-shared-keys-off",
      "Devices fetch published packages with links that are signed with this account's key; it holds nothing else.",
    );
    if (isRestricted === true) {
      declareException(
        this.resource,
        "public-network-access",
        "Devices fetch packages by a signed link from wherever they are, and Stream Analytics writes them by key, for which Azure makes no exception in a firewall; the account holds nothing else.",
      );
    }
    this.container = new StorageContainer(this, "Container", {
      name: "edge-packages",
      storageAccountId: this.resource.id,
      containerAccessType: "private",
    });
  }
}
