import { DataAccess, dataAccessProblems, type DataAccessSettings } from "../../constructs/security/data-access";
import { KeyVault, keyVaultProblems } from "../../constructs/security/key-vault";
import { grantRole } from "../../constructs/security/role-grant";
import { RolePropagation } from "../../constructs/security/role-propagation";
import { all, at, Bench, find, paths, type StackJson } from "../support/synth";

const team = { objectId: "11111111-1111-4111-8111-111111111111", type: "Group" } as const;
const pipeline = { objectId: "AAAAAAAA-2222-4222-8222-222222222222", type: "ServicePrincipal" } as const;

describe("KeyVault", () => {
  test("is reached by roles alone and cannot be purged, unless an environment says otherwise", () => {
    const bench = new Bench();
    new KeyVault(bench.stack, "Vault", { ...bench.common("kv-test"), deployer: bench.deployer });
    expect(find(bench.json(), "azurerm_key_vault")).toMatchObject({
      enabled_for_deployment: false,
      enabled_for_disk_encryption: false,
      enabled_for_template_deployment: false,
      purge_protection_enabled: true,
      rbac_authorization_enabled: true,
      soft_delete_retention_days: 90,
      tenant_id: "${data.azurerm_client_config.Deployer.tenant_id}",
    });
  });

  test("takes an environment's word on recovery and protection", () => {
    const bench = new Bench();
    new KeyVault(bench.stack, "Vault", {
      ...bench.common("kv-test"),
      deployer: bench.deployer,
      softDeleteDays: 7,
      purgeProtection: false,
      preventDestroy: true,
    });
    expect(find(bench.json(), "azurerm_key_vault")).toMatchObject({
      purge_protection_enabled: false,
      soft_delete_retention_days: 7,
      lifecycle: { prevent_destroy: true },
    });
  });

  test.each([6, 91])("cannot keep deleted secrets for %p days", (softDeleteDays) => {
    expect(paths(keyVaultProblems({ softDeleteDays }))).toEqual(["softDeleteDays"]);
  });
});

describe("grantRole", () => {
  test("does not ask Entra ID whether it knows an identity that may be seconds old", () => {
    const bench = new Bench();
    grantRole(bench.stack, "Role", { role: "AcrPull", scope: "/scope", principalId: "id", description: "why" });
    expect(find(bench.json(), "azurerm_role_assignment")).toMatchObject({
      principal_type: "ServicePrincipal",
      skip_service_principal_aad_check: true,
      role_definition_name: "AcrPull",
      description: "why",
    });
  });
});

describe("RolePropagation", () => {
  test("waits again when an assignment is new", () => {
    const bench = new Bench();
    const role = grantRole(bench.stack, "Role", { role: "AcrPull", scope: "/s", principalId: "p", description: "why" });
    new RolePropagation(bench.stack, "Wait", { assignments: { pull: role } });
    expect(find(bench.json(), "time_sleep")).toMatchObject({
      create_duration: "120s",
      triggers: { pull: "${azurerm_role_assignment.Role.id}" },
    });
  });
});

function access(settings: DataAccessSettings): StackJson {
  const bench = new Bench();
  new DataAccess(bench.stack, "Access", {
    ...settings,
    deployer: bench.deployer,
    roles: {
      Hub: { scope: "/hub", contributorRole: "IoT Hub Data Contributor", readerRole: "IoT Hub Data Reader" },
    },
  });
  return bench.json();
}

describe("DataAccess", () => {
  test("gives the roles to those who are named, each under its name", () => {
    const json = access({ contributors: { team, pipeline }, readers: { plant: team } });
    expect(find(json, "azurerm_role_assignment", "Access_HubContributors")).toMatchObject({
      for_each: {
        team: { principal_id: team.objectId, principal_type: "Group" },
        pipeline: { principal_id: pipeline.objectId.toLowerCase(), principal_type: "ServicePrincipal" },
      },
      principal_id: "${each.value.principal_id}",
      role_definition_name: "IoT Hub Data Contributor",
      scope: "/hub",
    });
    expect(find(json, "azurerm_role_assignment", "Access_HubReaders")).toMatchObject({
      role_definition_name: "IoT Hub Data Reader",
    });
  });

  test("analysts get a role only where there is nothing secret", () => {
    const bench = new Bench();
    new DataAccess(bench.stack, "Access", {
      analysts: { team },
      deployer: bench.deployer,
      roles: {
        Vault: { scope: "/v", contributorRole: "Key Vault Secrets Officer", readerRole: "Key Vault Secrets User" },
        Lake: {
          scope: "/l",
          contributorRole: "Storage Blob Data Contributor",
          readerRole: "Storage Blob Data Reader",
          analystRole: "Storage Blob Data Reader",
        },
      },
    });
    const assignments = Object.keys(bench.json().resource.azurerm_role_assignment ?? {});
    expect(assignments.filter((id) => id.includes("Analysts"))).toEqual([
      expect.stringMatching(/^Access_LakeAnalysts/),
    ]);
  });

  test("where Terraform alone changes data, nobody gets a contributor's role", () => {
    const bench = new Bench();
    new DataAccess(bench.stack, "Access", {
      readers: { pipeline },
      deployer: bench.deployer,
      roles: { Packages: { scope: "/p", readerRole: "Reader and Data Access" } },
    });
    const assignments = all(bench.json(), "azurerm_role_assignment");
    expect(assignments.map(({ role_definition_name }) => role_definition_name)).toEqual(["Reader and Data Access"]);
  });

  test("whoever deploys gets nothing where somebody is named", () => {
    const json = access({ contributors: { team } });
    expect(JSON.stringify(json.resource)).not.toContain("azurerm_client_config.Deployer.object_id");
  });

  test("whoever deploys first keeps the role where nobody is named, whoever plans later", () => {
    const deployer = find(access({}), "azurerm_role_assignment", "Access_HubDeployer");
    expect(deployer).toMatchObject({ principal_id: "${data.azurerm_client_config.Deployer.object_id}" });
    expect(at(deployer, "lifecycle.ignore_changes")).toEqual(["principal_id"]);
  });

  test("waits for every assignment, those by for_each included", () => {
    const json = access({ contributors: { team }, readers: { plant: team } });
    expect(Object.values(at(find(json, "time_sleep"), "triggers") as object)).toEqual([
      expect.stringContaining("values(azurerm_role_assignment.Access_HubContributors"),
      expect.stringContaining("values(azurerm_role_assignment.Access_HubReaders"),
    ]);
    expect(all(json, "time_sleep")).toHaveLength(1);
  });

  test("reports every validation error about people at once", () => {
    const problems = dataAccessProblems({
      contributors: { "Platform Team": team, again: team },
      readers: { plant: { objectId: "plant@example.com", type: "Team" as "Group" } },
    });
    expect(paths(problems)).toEqual([
      "contributors.Platform Team",
      "contributors.again.objectId",
      "readers.plant.objectId",
      "readers.plant.type",
    ]);
  });
});
