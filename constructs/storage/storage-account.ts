import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import {
  type StorageAccountBlobPropertiesCorsRule,
  StorageAccount as StorageAccountResource,
} from "@cdktf/provider-azurerm/lib/storage-account";
import { Construct } from "constructs";
import { collect, type Problem } from "@edge-anomaly-detection/common";
import { EVERYBODY, explainPublicAccess, isPublic, type ServiceAccess, storageRules } from "../network/service-access";
import { validateProps } from "../shared/validate-props";
import { inRange, oneOf } from "@edge-anomaly-detection/common/rules";

const REPLICATIONS = ["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"] as const;

/** How many copies Azure keeps and where: in one building, across zones, in a second region. */
export type Replication = (typeof REPLICATIONS)[number];

/** What an environment decides about all of its accounts. */
export interface StorageAccountSettings {
  /** Copies of the data. A change between zonal and other kinds replaces the account. @default "LRS" */
  readonly replication?: Replication;
  /** Days for which deleted blobs and containers can be recovered, 1 to 365. @default 7 */
  readonly softDeleteDays?: number;
}

/** What `StorageAccount` needs. */
export interface StorageAccountProps extends StorageAccountSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure, 3 to 24 lower-case letters and digits. */
  readonly name: string;
  /** Directories instead of name prefixes. Fixed at creation: a change replaces the account. */
  readonly hierarchicalNamespace: boolean;
  /** Let requests sign with the account's keys. Whoever has a key has everything in the account. */
  readonly sharedKeys: boolean;
  /** Keep what a blob was before each change; not with directories. @default false */
  readonly versioning?: boolean;
  /** Origins of web pages that may read and write blobs in the browser of whoever is signed in there: `https://HOST`. @default - none */
  readonly browserOrigins?: readonly string[];
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

/** Validation errors in an environment's settings for accounts. */
export function storageAccountProblems(settings: StorageAccountSettings): Problem[] {
  return collect(
    oneOf("replication", settings.replication, REPLICATIONS, "choose how many copies are kept and where"),
    inRange(
      "softDeleteDays",
      settings.softDeleteDays,
      { min: 1, max: 365, unit: "days" },
      "choose how long deleted blobs must be recoverable",
    ),
  );
}

/** What web pages of these origins may do; requests are signed in all the same. */
const browserRule = (origins: readonly string[]): StorageAccountBlobPropertiesCorsRule => ({
  allowedOrigins: [...origins],
  allowedMethods: ["GET", "OPTIONS", "POST", "PUT"],
  allowedHeaders: ["Authorization", "x-ms-version", "x-ms-blob-type", "Content-Type"],
  exposedHeaders: [],
  maxAgeInSeconds: 600,
});

/**
 * A general-purpose v2 account with every security setting written out. The reasons to have one are constructs of their
 * own: `DataLake`, `WorkspaceStorage`, `PackageStorage` and, for pipelines, `StateStorage`.
 */
export class StorageAccount extends Construct {
  public readonly resource: StorageAccountResource;

  public constructor(scope: Construct, id: string, props: StorageAccountProps) {
    super(scope, id);
    validateProps(this, () => storageAccountProblems(props));
    const { access = EVERYBODY } = props;
    const softDelete = { days: props.softDeleteDays ?? 7 };
    this.resource = new StorageAccountResource(this, "Resource", {
      name: props.name,
      resourceGroupName: props.resourceGroup.name,
      location: props.resourceGroup.location,
      accountKind: "StorageV2",
      accountTier: "Standard",
      accountReplicationType: props.replication ?? "LRS",
      isHnsEnabled: props.hierarchicalNamespace,
      sharedAccessKeyEnabled: props.sharedKeys,
      defaultToOauthAuthentication: true,
      localUserEnabled: false,
      httpsTrafficOnlyEnabled: true,
      minTlsVersion: "TLS1_2",
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      publicNetworkAccessEnabled: isPublic(access),
      networkRules: storageRules(access),
      blobProperties: {
        deleteRetentionPolicy: softDelete,
        containerDeleteRetentionPolicy: softDelete,
        versioningEnabled: props.versioning,
        ...(props.browserOrigins && { corsRule: [browserRule(props.browserOrigins)] }),
      },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    explainPublicAccess(this.resource, access);
  }
}
