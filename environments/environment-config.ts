import type { TwinSettings } from "../constructs/digital-twins/twin-settings";
import type { MaintenanceSettings } from "../constructs/maintenance/maintenance-settings";
import type { HubAlertSettings } from "../constructs/monitoring/hub-metric-alerts";
import type { Receivers } from "../constructs/monitoring/alert-receivers";
import type { LogAnalyticsSettings } from "../constructs/monitoring/log-analytics";
import type { MonthlyBudgetSettings } from "../constructs/monitoring/monthly-budget";
import type { EdgeSettings } from "../constructs/edge/edge-settings";
import type { EdgeVirtualMachineSettings } from "../constructs/edge/edge-virtual-machine";
import type { HubStampsSettings } from "../constructs/hub/hub-stamps";
import type { IotHubSettings } from "../constructs/hub/iot-hub";
import type { LakeRoutingSettings } from "../constructs/hub/lake-routing";
import type { DataAccessSettings } from "../constructs/security/data-access";
import type { NetworkSettings } from "../constructs/network/network-settings";
import type { PolicySettings } from "../constructs/policy/policy-settings";
import type { KeyVaultSettings } from "../constructs/security/key-vault";
import type { TagMap } from "../constructs/shared/tags";
import type { DataLakeSettings } from "../constructs/storage/data-lake";
import type { StorageAccountSettings } from "../constructs/storage/storage-account";
import type { EdgeJobSettings } from "../constructs/stream-analytics/edge-job";
import type { EdgePackageSettings } from "../constructs/stream-analytics/edge-package";
import type { ComputeClusterSettings } from "../constructs/machine-learning/compute-cluster";
import type { ContainerRegistrySettings } from "../constructs/machine-learning/container-registry";
import type { TrainingSettings } from "../constructs/machine-learning/training-pipeline";
import type { ProvisioningConfig } from "./provisioning-config";

/** What all environments of an organisation share. */
export interface OrganizationConfig {
  /** What the system does, in one short word: 2 or more lower-case letters and digits. Stands in every name. */
  readonly workload: string;
  /** Any text of at least 8 characters that no other organisation would choose. A change renames, and so replaces, every global resource. */
  readonly nameSeed: string;
  /** Tags on everything, weaker than an environment's own. @default - none but `purpose` and `environment` */
  readonly tags?: TagMap;
  /** Regions that Azure has opened since the list in constructs/shared/regions.ts was written, by their programmatic names. @default - none */
  readonly additionalRegions?: readonly string[];
}

/** Terraform state in a file beside the repository, for trying things out alone. */
export interface LocalBackendConfig {
  readonly kind: "local";
}

/** Terraform state and runs in HCP Terraform. */
export interface CloudBackendConfig {
  readonly kind: "cloud";
  /** Organisation in HCP Terraform. */
  readonly organization: string;
  /** Workspace in it; it must exist or whoever runs first must be allowed to create it. */
  readonly workspace: string;
  /** Host of a Terraform Enterprise installation. @default "app.terraform.io" */
  readonly hostname?: string;
}

/** Terraform state in a blob container, signed in to with Entra ID. */
export interface AzurermBackendConfig {
  readonly kind: "azurerm";
  readonly resourceGroupName: string;
  readonly storageAccountName: string;
  readonly containerName: string;
  /** Name of the blob. */
  readonly key: string;
}

/** Where Terraform keeps an environment's state. */
export type BackendConfig = LocalBackendConfig | CloudBackendConfig | AzurermBackendConfig;

/** What an environment does against loss. */
export interface ProtectionConfig {
  /** Refuse to plan the destruction of what holds data: hub, lake, vaults, workspace, logs, images. */
  readonly preventDestroy: boolean;
  /** On destruction delete permanently what Azure would keep recoverable (vaults without purge protection, workspace, logs). Not together with `preventDestroy`. */
  readonly purgeOnDestroy: boolean;
}

/** How many devices an environment is to carry. */
export interface FleetConfig {
  /** Edge devices in all, those in `edge.devices` included, 1 to 50,000,000. Synth refuses more than the hub takes; `npm run -s fleet -- size` shows what they need. */
  readonly devices: number;
}

/** One environment, everything about it. A reader finds here what differs from the defaults of the constructs. */
export interface EnvironmentConfig {
  /** Name of the stack: 1 to 32 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Short form of the name: 2 to 4 lower-case letters and digits. Stands in every resource name. */
  readonly code: string;
  /** Azure region by its programmatic name, for example `westeurope`. A change replaces everything. */
  readonly location: string;
  /** Subscription. @default - `ARM_SUBSCRIPTION_ID` where Terraform runs */
  readonly subscriptionId?: string;
  /** Where Terraform keeps the state. */
  readonly backend: BackendConfig;
  /** Tags on everything, stronger than the organisation's. @default - none */
  readonly tags?: TagMap;
  /** What is done against loss. */
  readonly protection: ProtectionConfig;
  /** Who may read and change devices, secrets and data. @default - whoever deploys first */
  readonly access?: DataAccessSettings;
  /** Vault for device secrets and the workspace's own. @default - 90 days, purge protection */
  readonly keyVault?: KeyVaultSettings;
  /** How services are reached: from named addresses, or through private endpoints. @default - by everybody, so that sign-in alone decides */
  readonly network?: NetworkSettings;
  /** The lake. @default - locally redundant, `DEFAULT_CONTAINERS` */
  readonly lake?: DataLakeSettings;
  /** The accounts of workspace and packages. @default - locally redundant, 7 days of soft delete */
  readonly accounts?: StorageAccountSettings;
  /** Machine learning: images, compute and training. @default - Basic registry, 0 to 4 nodes, nothing is trained */
  readonly machineLearning?: ContainerRegistrySettings &
    ComputeClusterSettings & {
      /** Train models on a schedule, on telemetry in the lake. @default - nothing is trained */
      readonly training?: TrainingSettings;
    };
  /** The hub, and further hubs like it. @default - S1, one unit, two partitions */
  readonly hub?: IotHubSettings &
    HubStampsSettings & {
      /** Log categories sent to Log Analytics. @default - Connections, DeviceTelemetry, Routes */
      readonly logCategories?: readonly string[];
    };
  /** What the hub does with messages. @default - everything to the lake within a minute */
  readonly routing?: LakeRoutingSettings;
  /** The edge job: what it watches and how it is published. @default - temperature and pressure of the simulated sensor */
  readonly streamAnalytics?: EdgeJobSettings & EdgePackageSettings;
  /** Devices and what runs on them. @default - none, the cloud half alone */
  readonly edge?: EdgeSettings & EdgeVirtualMachineSettings;
  /** What the hub is sized for. @default - the devices in `edge.devices` */
  readonly fleet?: FleetConfig;
  /** How devices in no list register. @default - not at all: every device is in `edge.devices` */
  readonly provisioning?: ProvisioningConfig;
  /** Logs. @default - 30 days, no daily limit */
  readonly logs?: LogAnalyticsSettings & {
    /** Copy anomalies into Log Analytics as they come, for charts and alerts by machine. @default true */
    readonly anomalyFeed?: boolean;
  };
  /** Who is notified, and from when on. */
  readonly alerts: HubAlertSettings & {
    /** Names and mail addresses, at least one. */
    readonly receivers: Receivers;
  };
  /** What a month may cost. */
  readonly budget: MonthlyBudgetSettings;
  /** Requests for maintenance, which `npm run -s work-orders` makes of anomalies. @default - critical episodes, no records of machines */
  readonly maintenance?: MaintenanceSettings;
  /** The plant as a twin, which `npm run -s twin` makes from the devices. @default - each device a machine, files alone */
  readonly twin?: TwinSettings;
  /** What the rules for its stack allow, and what is excepted from them. @default - `POLICY_DEFAULTS`, no exceptions */
  readonly policy?: PolicySettings;
}
