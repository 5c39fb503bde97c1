import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import type { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Aspects, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { DOCTOR_OPERATIONS } from "@edge-anomaly-detection/doctor";
import { type FederatedTrust, githubTrust, hcpTerraformTrust } from "../constructs/deployment-identity/federated-trust";
import { githubEnvironments } from "../constructs/deployment-identity/github-environments";
import { OperatorsGroup } from "../constructs/deployment-identity/operators-group";
import { PipelineIdentity } from "../constructs/deployment-identity/pipeline-identity";
import { PipelineRole } from "../constructs/deployment-identity/pipeline-role";
import { PromotionIdentities } from "../constructs/deployment-identity/promotion-identities";
import { StateStorage } from "../constructs/deployment-identity/state-storage";
import { Policy } from "../constructs/policy/policy";
import { assignableRoles, assignedRoles } from "../constructs/security/assigned-roles";
import { neededOperations, resourceUses } from "../constructs/security/needed-operations";
import type { AssignableRoles } from "../constructs/security/role-assignment-condition";
import { applicationName, type PipelinePhase, roleDefinitionName } from "../constructs/shared/names";
import { Tags } from "../constructs/shared/tags";
import { validateForAll } from "../constructs/shared/validate-props";
import type { BootstrapConfig } from "../environments/bootstrap-config";
import type { EnvironmentConfig, OrganizationConfig } from "../environments/environment-config";
import { BOOTSTRAP, bootstrapProblems } from "../environments/validation/bootstrap-problems";
import {
  deployedByPipelines,
  resourceGroupProblems,
  subscriptionKey,
  withAzurermBackend,
} from "../environments/validation/pipeline-separation";
import { nameParts } from "../environments/validation/name-parts";
import type { EnvironmentStack } from "./environment-stack";
import { IndependentStack } from "../constructs/shared/faster-synthesis";
import { REMOVABLE_TYPES } from "./optional-parts";
import { addBootstrapProviders, addSubscription } from "./providers";
import { addBackend } from "./backends/terraform-backend";

/** What `BootstrapStack` needs. */
export interface BootstrapStackProps {
  /** What all environments share. */
  readonly organization: OrganizationConfig;
  /** Who deploys and how they sign in. */
  readonly bootstrap: BootstrapConfig;
  /** All environments. Those that pipelines deploy get identities; what their stacks are made of is what these may do. */
  readonly environments: readonly EnvironmentStack[];
}

/** Where a part of Azure is managed, and by which signed-in provider. */
interface Subscription {
  /** ARM id. */
  readonly id: string;
  readonly provider: AzurermProvider;
}

/** Who plans and who applies one environment. */
type Identities = Readonly<Record<PipelinePhase, PipelineIdentity>>;

/** Every night the plan identity also examines what is deployed: where it signs in to GitHub's jobs. */
function planOperations({ backend }: EnvironmentConfig, operations: readonly string[]): readonly string[] {
  const known = new Set(operations.map((operation) => operation.toLowerCase()));
  const more = DOCTOR_OPERATIONS.filter((operation) => !known.has(operation.toLowerCase()));
  return backend.kind === "azurerm" ? [...operations, ...more].sort() : operations;
}

const PURPOSES: Readonly<Record<PipelinePhase, string>> = {
  plan: "Read what Terraform plans from",
  apply: "Make what Terraform applies",
};

/**
 * What pipelines need before they can deploy an environment: identities without secrets that may do just what the
 * environment's stack is made of, a group of operators, and storage for states. Deployed once by a person, and again when an
 * environment comes or its stack has a new type of resource.
 */
export class BootstrapStack extends IndependentStack {
  private readonly bootstrap: BootstrapConfig;
  private readonly azurerm: AzurermProvider;
  private readonly client: DataAzurermClientConfig;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly places = new Map<string, Construct>();
  private readonly environments: ReadonlyMap<string, EnvironmentConfig>;

  public constructor(scope: Construct, id: string, { organization, bootstrap, environments }: BootstrapStackProps) {
    super(scope, id);
    const configurations = environments.map(({ environment }) => environment);
    validateForAll(this, () => [
      ...bootstrapProblems(bootstrap, configurations),
      ...resourceGroupProblems(organization, bootstrap.stateStorage, configurations),
    ]);
    this.bootstrap = bootstrap;
    this.environments = new Map(configurations.map((environment) => [environment.name, environment]));
    addBackend(this, BOOTSTRAP, bootstrap.backend);
    this.azurerm = addBootstrapProviders(this, bootstrap.subscriptionId);
    Aspects.of(this).add(new Tags({ purpose: "anomaly-detection", ...organization.tags }));
    Aspects.of(this).add(
      new Policy({
        // Identities and roles have no region.
        location: bootstrap.stateStorage?.location ?? "global",
        preventDestroy: true,
        requiredTags: ["purpose"],
      }),
    );

    this.client = new DataAzurermClientConfig(this, "Deployer");
    const operators = new OperatorsGroup(this, "Operators", {
      name: `${organization.workload}-operators`,
      operators: bootstrap.operators,
    });
    const deployed = environments.filter(({ environment }) => deployedByPipelines(environment));
    const identities = new Map(
      deployed.map(({ environment }) => [
        environment.name,
        this.createIdentities(organization, environment, operators.people),
      ]),
    );
    for (const stack of deployed) {
      this.grant(organization, stack, identities, operators);
    }
    this.letOperatorsRead(operators, configurations);
    const storage = this.createStateStorage(configurations, identities);
    const { github, promotion } = bootstrap;
    const workflows =
      github !== undefined && promotion === true
        ? new PromotionIdentities(this, "Workflows", { ...organization, owners: operators.people, github })
        : undefined;
    this.createOutputs(identities, operators, storage, workflows);
  }

  /**
   * The subscription of an environment, with a provider of its own: a provider registers what the stacks there are made of, so
   * that no pipeline has to be allowed to.
   */
  private subscriptionOf(subscriptionId: string | undefined): Subscription {
    const key = subscriptionKey(this.bootstrap, subscriptionId);
    const known = this.subscriptions.get(key);
    if (known !== undefined) {
      return known;
    }
    const isOwn = key === subscriptionKey(this.bootstrap, undefined);
    const subscription = {
      id: `/subscriptions/${key === "" ? this.client.subscriptionId : key}`,
      provider: isOwn
        ? this.azurerm
        : addSubscription(this, `Azurerm_${key}`, { subscriptionId: key, alias: `subscription-${key}` }),
    };
    this.subscriptions.set(key, subscription);
    return subscription;
  }

  /** What pipelines sign in as for an environment. */
  private createIdentities(
    organization: OrganizationConfig,
    environment: EnvironmentConfig,
    owners: readonly string[],
  ): Identities {
    const parts = nameParts(organization, environment);
    const place = new Construct(this, environment.name);
    this.places.set(environment.name, place);
    const create = (id: string, phase: PipelinePhase): PipelineIdentity =>
      new PipelineIdentity(place, id, {
        name: applicationName(parts, phase),
        owners,
        trusts: this.trusts(environment, phase),
      });
    return { plan: create("Plan", "plan"), apply: create("Apply", "apply") };
  }

  /** Lets pipelines plan and apply an environment. */
  private grant(
    organization: OrganizationConfig,
    stack: EnvironmentStack,
    identities: ReadonlyMap<string, Identities>,
    operators: OperatorsGroup,
  ): void {
    const { environment } = stack;
    const parts = nameParts(organization, environment);
    const subscription = this.subscriptionOf(environment.subscriptionId);
    const operations = neededOperations(resourceUses(stack), environment.protection.purgeOnDestroy, REMOVABLE_TYPES);
    const own = identities.get(environment.name);
    const place = this.places.get(environment.name);
    if (own === undefined || place === undefined) {
      return;
    }
    const grantPhase = (id: string, phase: PipelinePhase, assignable?: AssignableRoles): void => {
      new PipelineRole(place, `${id}Role`, {
        name: roleDefinitionName(parts, phase),
        description: `${PURPOSES[phase]} in the environment ${environment.name}`,
        subscription: subscription.id,
        provider: subscription.provider,
        actions: phase === "plan" ? planOperations(environment, operations.plan) : operations[phase],
        identity: own[phase],
        assignable,
      });
    };
    grantPhase("Plan", "plan");
    grantPhase("Apply", "apply", this.assignable(stack, own, identities, operators));
  }

  private assignable(
    stack: EnvironmentStack,
    own: Identities,
    identities: ReadonlyMap<string, Identities>,
    operators: OperatorsGroup,
  ): AssignableRoles {
    const { subscriptionId } = stack.environment;
    const neighbours = [...identities].flatMap(([name, both]) =>
      both !== own && this.isSameSubscription(name, subscriptionId) ? [both.plan.objectId, both.apply.objectId] : [],
    );
    return assignableRoles(assignedRoles(stack), {
      apply: own.apply.objectId,
      notManaged: [own.plan.objectId, ...neighbours],
      keep: [operators.objectId, ...neighbours],
    });
  }

  private isSameSubscription(environment: string, subscriptionId: string | undefined): boolean {
    const other = this.environments.get(environment)?.subscriptionId;
    return subscriptionKey(this.bootstrap, other) === subscriptionKey(this.bootstrap, subscriptionId);
  }

  /**
   * Whose tokens an identity takes: those of what deploys the environment, and no others. GitHub creates an environment without
   * protection as soon as a workflow names it, so a trust in one that no workflow uses would be open to everybody who can push.
   */
  private trusts({ name, backend }: EnvironmentConfig, phase: PipelinePhase): FederatedTrust[] {
    const { github, hcpTerraform, pullRequestPlans = [] } = this.bootstrap;
    if (backend.kind === "cloud") {
      return [hcpTerraformTrust({ ...backend, project: hcpTerraform?.project ?? "Default Project" }, phase)];
    }
    if (backend.kind === "local" || github === undefined) {
      return [];
    }
    const { plan, apply, pullRequest } = githubEnvironments(name);
    return phase === "apply"
      ? [githubTrust(github, apply)]
      : [
          githubTrust(github, plan),
          ...(pullRequestPlans.includes(name) ? [githubTrust(github, pullRequest, "github-pull-request")] : []),
        ];
  }

  /** What they may change is set in the environments' configurations (`access.contributors`). */
  private letOperatorsRead(operators: OperatorsGroup, environments: readonly EnvironmentConfig[]): void {
    for (const { subscriptionId } of environments) {
      this.subscriptionOf(subscriptionId);
    }
    for (const [key, { id, provider }] of this.subscriptions) {
      new RoleAssignment(this, ["OperatorsRead", ...(key === "" ? [] : [key])].join("_"), {
        scope: id,
        roleDefinitionName: "Reader",
        principalId: operators.objectId,
        principalType: "Group",
        description: "Operators see what is deployed",
        provider,
      });
    }
  }

  private createStateStorage(
    configurations: readonly EnvironmentConfig[],
    identities: ReadonlyMap<string, Identities>,
  ): StateStorage | undefined {
    const { stateStorage } = this.bootstrap;
    if (stateStorage === undefined) {
      return undefined;
    }
    const containers = withAzurermBackend(configurations).flatMap(({ name, backend }) => {
      const both = identities.get(name);
      return both === undefined ? [] : [[name, { container: backend.containerName, ...both }] as const];
    });
    return new StateStorage(this, "StateStorage", { ...stateStorage, containers: Object.fromEntries(containers) });
  }

  private createOutputs(
    identities: ReadonlyMap<string, Identities>,
    operators: OperatorsGroup,
    storage: StateStorage | undefined,
    workflows: PromotionIdentities | undefined,
  ): void {
    const outputs = {
      tenant_id: this.client.tenantId,
      operators_object_id: operators.objectId,
      identities: Object.fromEntries(
        [...identities].map(([name, { plan, apply }]) => [
          name,
          {
            plan_client_id: plan.clientId,
            plan_object_id: plan.objectId,
            apply_client_id: apply.clientId,
            apply_object_id: apply.objectId,
          },
        ]),
      ),
      ...(storage && { state_storage_account: storage.accountName }),
      ...(workflows && { promotion: workflows.outputs }),
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}
