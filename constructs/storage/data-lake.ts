import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import type { StorageAccount as StorageAccountResource } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container";
import {
  StorageManagementPolicy,
  type StorageManagementPolicyRule,
} from "@cdktf/provider-azurerm/lib/storage-management-policy";
import { propertyAccess, TerraformIterator, Token } from "cdktf";
import { Construct } from "constructs";
import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import type { ServiceAccess } from "../network/service-access";
import { validateProps } from "../shared/validate-props";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { StorageAccount, storageAccountProblems, type StorageAccountSettings } from "./storage-account";

/** Container that takes anomalies. */
export const ANOMALY_CONTAINER = "anomaly-data";
/** Container that takes all other device messages. */
export const TELEMETRY_CONTAINER = "telemetry-data";
/** Container that takes trained models. */
export const MODEL_CONTAINER = "ml-models";
/** Folder in it with what operators said of alerts: `npm run verdict` writes there, training reads. */
export const VERDICTS_FOLDER = "verdicts";

/**
 * When the blobs of a container move to cheaper tiers and go, in days since they were last changed. Each step comes later
 * than the one before it; there is no archive with ZRS, GZRS or RAGZRS.
 */
export interface ContainerLifecycle {
  /** Days until the cool tier, which has a minimum stay of 30 days. 0 to 99,999. @default - never */
  readonly coolAfterDays?: number;
  /** Days until the cold tier, which has a minimum stay of 90 days. 0 to 99,999. @default - never */
  readonly coldAfterDays?: number;
  /** Days until the archive, from which reading takes hours; minimum stay 180 days. 0 to 99,999. @default - never */
  readonly archiveAfterDays?: number;
  /** Days until deletion; soft delete keeps them recoverable for its days after that. 0 to 99,999. @default - never */
  readonly deleteAfterDays?: number;
}

/** What an environment decides about its lake. */
export interface DataLakeSettings extends StorageAccountSettings {
  /** Lifecycle by container; `{}` keeps everything. Replaces the default as a whole: the three containers of this project must stay in it, others may be added. @default `DEFAULT_CONTAINERS` */
  readonly containers?: Readonly<Record<string, ContainerLifecycle>>;
}

/** Anomalies for two years, raw telemetry for three months, models without end. */
export const DEFAULT_CONTAINERS: Readonly<Record<string, ContainerLifecycle>> = {
  [ANOMALY_CONTAINER]: { coolAfterDays: 30, coldAfterDays: 90, deleteAfterDays: 730 },
  [MODEL_CONTAINER]: {},
  [TELEMETRY_CONTAINER]: { coolAfterDays: 30, deleteAfterDays: 90 },
};

/** What `DataLake` needs. */
export interface DataLakeProps extends DataLakeSettings {
  /** Where it is created. */
  readonly resourceGroup: ResourceGroup;
  /** Name in all of Azure, 3 to 24 lower-case letters and digits. */
  readonly name: string;
  /** Who reaches it at its own address. @default - everybody, so that sign-in alone decides */
  readonly access?: ServiceAccess;
  /** Refuse to plan its destruction. */
  readonly preventDestroy: boolean;
}

const STEPS = ["coolAfterDays", "coldAfterDays", "archiveAfterDays", "deleteAfterDays"] as const;
const ZONAL = new Set<string>(["ZRS", "GZRS", "RAGZRS"]);
const OWN_CONTAINERS = [ANOMALY_CONTAINER, MODEL_CONTAINER, TELEMETRY_CONTAINER];

/** Validation errors in an environment's settings for lake. */
export function dataLakeProblems(settings: DataLakeSettings): Problem[] {
  const containers = settings.containers ?? DEFAULT_CONTAINERS;
  return [
    ...storageAccountProblems(settings),
    ...collect(
      ...OWN_CONTAINERS.map((name) =>
        problemIf(
          !(name in containers),
          `containers.${name}`,
          undefined,
          "a lifecycle, {} to keep everything",
          "name the container: messages are routed there or models are read from there",
        ),
      ),
    ),
    ...Object.entries(containers).flatMap(([name, lifecycle]) =>
      under(`containers.${name}`, containerProblems(name, lifecycle, settings)),
    ),
  ];
}

function containerProblems(name: string, lifecycle: ContainerLifecycle, settings: DataLakeSettings): Problem[] {
  const given = STEPS.filter((step) => lifecycle[step] !== undefined);
  return collect(
    hasForm(
      "",
      name,
      /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
      "a name of 3 to 63 lower-case letters, digits and single hyphens between them",
      "rename the container",
    ),
    ...STEPS.map((step) =>
      inRange(step, lifecycle[step], { min: 0, max: 99_999, unit: "days" }, "choose days since the last change"),
    ),
    ...given.slice(1).map((step, index) => {
      const earlier = given[index] ?? step;
      const floor = lifecycle[earlier] ?? 0;
      return problemIf(
        (lifecycle[step] ?? 0) <= floor,
        step,
        lifecycle[step],
        `more than ${earlier}, which is ${floor}`,
        "let each step come after the one before it: cool, cold, archive, delete",
      );
    }),
    problemIf(
      lifecycle.archiveAfterDays !== undefined && ZONAL.has(settings.replication ?? "LRS"),
      "archiveAfterDays",
      lifecycle.archiveAfterDays,
      "nothing where replication is ZRS, GZRS or RAGZRS: Azure has no archive tier there",
      "use coldAfterDays, or replicate with LRS, GRS or RAGRS",
    ),
  );
}

/**
 * Where anomalies, telemetry and models are kept: hierarchical namespace from creation, no shared keys.
 *
 * Azure ML refuses such an account as its own (hence `WorkspaceStorage`), and a published Stream Analytics package needs
 * a key-signed link (hence `PackageStorage`).
 */
export class DataLake extends Construct {
  public readonly resource: StorageAccountResource;
  private readonly containers: StorageContainer;

  public constructor(scope: Construct, id: string, props: DataLakeProps) {
    super(scope, id);
    validateProps(this, () => dataLakeProblems(props));
    const containers = props.containers ?? DEFAULT_CONTAINERS;
    this.resource = new StorageAccount(this, "Account", {
      ...props,
      hierarchicalNamespace: true,
      sharedKeys: false,
    }).resource;

    const names = TerraformIterator.fromList(Object.keys(containers).sort());
    this.containers = new StorageContainer(this, "Containers", {
      forEach: names,
      name: names.value as string,
      storageAccountId: this.resource.id,
      containerAccessType: "private",
      lifecycle: { preventDestroy: props.preventDestroy },
    });

    const rules = lifecycleRules(containers);
    if (rules.length > 0) {
      new StorageManagementPolicy(this, "Lifecycle", { storageAccountId: this.resource.id, rule: rules });
    }
  }

  /** ARM id of one of its containers. */
  public containerId(name: string): string {
    return Token.asString(propertyAccess(this.containers.fqn, [name, "id"]));
  }

  /** Name of one of its containers, as a reference that orders whoever uses it after the container. */
  public containerName(name: string): string {
    return Token.asString(propertyAccess(this.containers.fqn, [name, "name"]));
  }
}

function lifecycleRules(containers: Readonly<Record<string, ContainerLifecycle>>): StorageManagementPolicyRule[] {
  return Object.entries(containers)
    .filter(([, lifecycle]) => STEPS.some((step) => lifecycle[step] !== undefined))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, lifecycle]) => ({
      name,
      enabled: true,
      // The slash keeps `anomaly-data` from catching `anomaly-data-old` as well.
      filters: { blobTypes: ["blockBlob"], prefixMatch: [`${name}/`] },
      actions: {
        baseBlob: {
          tierToCoolAfterDaysSinceModificationGreaterThan: lifecycle.coolAfterDays,
          tierToColdAfterDaysSinceModificationGreaterThan: lifecycle.coldAfterDays,
          tierToArchiveAfterDaysSinceModificationGreaterThan: lifecycle.archiveAfterDays,
          deleteAfterDaysSinceModificationGreaterThan: lifecycle.deleteAfterDays,
        },
      },
    }));
}
