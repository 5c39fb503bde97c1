import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { githubTrust } from "../../constructs/deployment-identity/federated-trust";
import { OperatorsGroup, operatorsProblems } from "../../constructs/deployment-identity/operators-group";
import { PipelineIdentity } from "../../constructs/deployment-identity/pipeline-identity";
import { PipelineRole } from "../../constructs/deployment-identity/pipeline-role";
import type { AssignableRoles } from "../../constructs/security/role-assignment-condition";
import { StateStorage, stateStorageProblems } from "../../constructs/deployment-identity/state-storage";
import { all, at, Bench, find, paths, problemsOf } from "../support/synth";

const jane = "44444444-4444-4444-8444-444444444444";
const john = "BBBBBBBB-4444-4444-8444-444444444444";

class PipelineBench extends Bench {
  public constructor() {
    super();
    new AzureadProvider(this.stack, "Azuread");
  }

  public identity(id: string): PipelineIdentity {
    const trusts = [githubTrust({ owner: "contoso", repository: "edge" }, id.toLowerCase())];
    return new PipelineIdentity(this.stack, id, { name: `app-${id.toLowerCase()}`, owners: [jane], trusts });
  }
}

describe("PipelineIdentity", () => {
  test("is an application of this tenant alone, whose name nobody else has", () => {
    const bench = new PipelineBench();
    bench.identity("Plan");
    expect(find(bench.json(), "azuread_application")).toMatchObject({
      display_name: "app-plan",
      owners: [jane],
      prevent_duplicate_names: true,
      sign_in_audience: "AzureADMyOrg",
    });
  });

  test("takes tokens that are meant for Azure and from whom it trusts", () => {
    const bench = new PipelineBench();
    bench.identity("Plan");
    expect(find(bench.json(), "azuread_application_federated_identity_credential")).toMatchObject({
      application_id: expect.stringMatching(/^\$\{azuread_application\.Plan_Application_\w+\.id\}$/),
      audiences: ["api://AzureADTokenExchange"],
      display_name: "github",
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/edge:environment:plan",
    });
  });

  test("has no secret", () => {
    const bench = new PipelineBench();
    bench.identity("Plan");
    expect(Object.keys(bench.json().resource).sort()).toEqual([
      "azuread_application",
      "azuread_application_federated_identity_credential",
      "azuread_service_principal",
      "azurerm_resource_group",
    ]);
    expect(JSON.stringify(find(bench.json(), "azuread_application"))).not.toMatch(/password|secret|certificate/i);
  });

  test("is refused where nobody could sign in as it", () => {
    const bench = new PipelineBench();
    const make = (): unknown => new PipelineIdentity(bench.stack, "None", { name: "app", owners: [jane], trusts: [] });
    expect(paths(problemsOf(make))).toEqual(["trusts"]);
  });
});

describe("PipelineRole", () => {
  const role = (assignable?: AssignableRoles): PipelineBench => {
    const bench = new PipelineBench();
    new PipelineRole(bench.stack, "Role", {
      name: "role-plan",
      description: "why",
      subscription: "/subscriptions/s",
      actions: ["Microsoft.Devices/iotHubs/read"],
      identity: bench.identity("Plan"),
      assignable,
    });
    return bench;
  };

  test("allows what it was given and can be assigned in one subscription only", () => {
    expect(find(role().json(), "azurerm_role_definition")).toMatchObject({
      assignable_scopes: ["/subscriptions/s"],
      permissions: [{ actions: ["Microsoft.Devices/iotHubs/read"] }],
      scope: "/subscriptions/s",
    });
  });

  test("goes to the service principal, with no condition where it assigns nothing", () => {
    const assignment = find(role().json(), "azurerm_role_assignment");
    expect(assignment).toMatchObject({
      principal_id: expect.stringMatching(/^\$\{azuread_service_principal\.Plan_ServicePrincipal_\w+\.object_id\}$/),
      principal_type: "ServicePrincipal",
      role_definition_id: expect.stringMatching(/\.role_definition_resource_id\}$/),
    });
    expect(assignment.condition).toBeUndefined();
  });

  test("assigns under a condition of version 2.0", () => {
    const assignment = find(
      role({ managedIdentities: ["AcrPull"], named: [], notManaged: [jane] }).json(),
      "azurerm_role_assignment",
    );
    expect(assignment).toMatchObject({ condition: expect.stringContaining("7f951dda"), condition_version: "2.0" });
  });

  test("refuses a condition that is longer than Azure takes", () => {
    const objectIds = Array.from(
      { length: 250 },
      (_, index) => `44444444-4444-4444-8444-${String(index).padStart(12, "0")}`,
    );
    const make = (): unknown =>
      role({ managedIdentities: [], named: [{ roles: ["AcrPull"], objectIds }], notManaged: [jane] });
    expect(paths(problemsOf(make))).toEqual(["assignable"]);
  });
});

describe("OperatorsGroup", () => {
  test("is owned by its members", () => {
    const bench = new PipelineBench();
    new OperatorsGroup(bench.stack, "Operators", { name: "operators", operators: { jane, john } });
    const people = [jane, john.toLowerCase()];
    expect(find(bench.json(), "azuread_group")).toMatchObject({
      members: people,
      owners: people,
      prevent_duplicate_names: true,
      security_enabled: true,
    });
  });

  const people = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `person-${index}`,
        `44444444-4444-4444-8444-${String(index).padStart(12, "0")}`,
      ]),
    );

  test.each([
    [0, [""]],
    [1, []],
    [100, []],
    [101, [""]],
  ])("of %p people", (count, expected) => {
    expect(paths(operatorsProblems(people(count)))).toEqual(expected);
  });

  test("reports every validation error about people at once", () => {
    const operators = { "Jane Doe": jane, john: "john@example.com", again: jane.toUpperCase() };
    expect(paths(operatorsProblems(operators))).toEqual(["Jane Doe", "john", "again"]);
  });
});

describe("StateStorage", () => {
  const place = { location: "westeurope", resourceGroupName: "rg-state", storageAccountName: "ststate" };

  const storage = (): PipelineBench => {
    const bench = new PipelineBench();
    const [plan, apply] = [bench.identity("Plan"), bench.identity("Apply")];
    new StateStorage(bench.stack, "State", {
      ...place,
      containers: { dev: { container: "tfstate-dev", plan, apply } },
    });
    return bench;
  };

  test("keeps every version, and nobody has a key", () => {
    const account = find(storage().json(), "azurerm_storage_account");
    expect(account).toMatchObject({
      account_replication_type: "GRS",
      is_hns_enabled: false,
      min_tls_version: "TLS1_2",
      shared_access_key_enabled: false,
    });
    expect(account.blob_properties).toEqual({
      container_delete_retention_policy: { days: 90 },
      delete_retention_policy: { days: 90 },
      versioning_enabled: true,
    });
  });

  test("cannot be destroyed by a plan, in none of its parts that hold states", () => {
    const json = storage().json();
    const parts = [
      find(json, "azurerm_resource_group", "State"),
      ...all(json, "azurerm_storage_account"),
      ...all(json, "azurerm_storage_container").filter(({ name }) => name === "tfstate-dev"),
    ];
    expect(parts.map((part) => at(part, "lifecycle.prevent_destroy"))).toEqual([true, true, true]);
  });

  test("lets who plans read and who applies write, in the environment's own container, and both in that of its plans", () => {
    const json = storage().json();
    const roles = all(json, "azurerm_role_assignment").map(({ role_definition_name, principal_id, scope }) => [
      role_definition_name,
      /Plan|Apply/.exec(String(principal_id))?.[0],
      String(scope),
    ]);
    const container = (part: string): string =>
      expect.stringMatching(new RegExp(`^\\$\\{azurerm_storage_container\\.State_dev_${part}_\\w+\\.id\\}$`)) as string;
    expect(roles).toEqual(
      expect.arrayContaining([
        ["Storage Blob Data Reader", "Plan", container("Container")],
        ["Storage Blob Data Contributor", "Apply", container("Container")],
        ["Storage Blob Data Contributor", "Plan", container("Plans")],
        ["Storage Blob Data Contributor", "Apply", container("Plans")],
      ]),
    );
    expect(roles).toHaveLength(4);
  });

  test("reports every validation error at once", () => {
    const problems = stateStorageProblems({
      location: "West Europe",
      resourceGroupName: "rg.",
      storageAccountName: "St",
      softDeleteDays: 366,
    });
    expect(paths(problems)).toEqual(["location", "resourceGroupName", "storageAccountName", "softDeleteDays"]);
  });
});
