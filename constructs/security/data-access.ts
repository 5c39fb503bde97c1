import type { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Construct } from "constructs";
import { type Problem, under } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import type { RoleName } from "@edge-anomaly-detection/azure-facts";
import { assignRole, principalProblems, type Principals } from "./principals";
import { RolePropagation } from "./role-propagation";

/** Who may read and write the data behind a hub, a vault or an account: Azure's Owner and Contributor may not. */
export interface DataAccessSettings {
  /** Who may change data: devices, deployments, secrets, blobs. @default - whoever deploys first */
  readonly contributors?: Principals;
  /** Who may read all of it, device keys and secrets included: the identity that plans pull requests, not people. @default - nobody */
  readonly readers?: Principals;
  /** Who may read what devices sent, and nothing secret: people and reports that look at anomalies. @default - nobody */
  readonly analysts?: Principals;
  /** What pushes images to the registry and reads the lake's models for them: the identity of the GitHub environment `images`. @default - nobody */
  readonly imagePublishers?: Principals;
  /** What reads which models are registered: the identity of the GitHub environment `models`. @default - nobody */
  readonly modelReaders?: Principals;
}

/** The roles that `DataAccess` gives on one resource. */
export interface DataRoles {
  /** ARM id of the resource. */
  readonly scope: string;
  /** Role of those who may change its data; left out where Terraform alone does, by what its identity may do anyway. @default - none */
  readonly contributorRole?: RoleName;
  /** Role of those who may read it. */
  readonly readerRole: RoleName;
  /** Role of analysts; left out where there are secrets behind the resource. @default - none */
  readonly analystRole?: RoleName;
}

/** What `DataAccess` needs. */
export interface DataAccessProps extends DataAccessSettings {
  /** The identity that Terraform runs as; used only where no contributor is named. */
  readonly deployer: DataAzurermClientConfig;
  /** The resources, under constant names of the caller's choosing (`Hub`, `Vault`). */
  readonly roles: Readonly<Record<string, DataRoles>>;
}

/** Validation errors in who gets access. */
export function dataAccessProblems(settings: DataAccessSettings): Problem[] {
  return (["contributors", "readers", "analysts", "imagePublishers", "modelReaders"] as const).flatMap((field) =>
    under(field, principalProblems(settings[field] ?? {})),
  );
}

/**
 * Data roles for the principals that an environment names, and a wait until they are effective.
 *
 * Where it names no contributor, whoever deploys first gets the roles, so that a first deployment needs no look-up; a later
 * plan by somebody else then still shows no change. Naming contributors later replaces that assignment by theirs; if the
 * deployer is among them, Azure may say RoleAssignmentExists once, and a second apply finishes it.
 */
export class DataAccess extends Construct {
  /** Depend on its `done` before the first use of the roles. */
  public readonly propagation: RolePropagation;

  public constructor(scope: Construct, id: string, props: DataAccessProps) {
    super(scope, id);
    validateProps(this, () => dataAccessProblems(props));
    const { contributors = {}, readers = {}, analysts = {} } = props;
    const assignments: Record<string, RoleAssignment> = {};
    for (const [name, { scope: on, contributorRole, readerRole, analystRole }] of Object.entries(props.roles)) {
      if (contributorRole !== undefined) {
        assignments[`${name}Contributors`] =
          Object.keys(contributors).length > 0
            ? assignRole(this, `${name}Contributors`, on, contributorRole, contributors)
            : this.assignDeployer(`${name}Deployer`, on, contributorRole, props.deployer);
      }
      if (Object.keys(readers).length > 0) {
        assignments[`${name}Readers`] = assignRole(this, `${name}Readers`, on, readerRole, readers);
      }
      if (analystRole !== undefined && Object.keys(analysts).length > 0) {
        assignments[`${name}Analysts`] = assignRole(this, `${name}Analysts`, on, analystRole, analysts);
      }
    }
    this.propagation = new RolePropagation(this, "Propagation", { assignments });
  }

  private assignDeployer(id: string, scope: string, role: RoleName, deployer: DataAzurermClientConfig): RoleAssignment {
    return new RoleAssignment(this, id, {
      scope,
      roleDefinitionName: role,
      principalId: deployer.objectId,
      // The plan of another identity must not propose to hand the role over to it.
      lifecycle: { ignoreChanges: ["principal_id"] },
    });
  }
}
