import { Sleep } from "@cdktf/provider-time/lib/sleep";
import { Testing } from "cdktf";
import { ALWAYS_READ, ARM_OPERATIONS, armOperations, BUILT_IN_ROLES } from "@edge-anomaly-detection/azure-facts";
import { assignedRoles } from "../../constructs/security/assigned-roles";
import { type NeededOperations, neededOperations, resourceUses } from "../../constructs/security/needed-operations";
import { environments } from "../../environments";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { organization } from "../../environments/organization";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { RESOURCE_PROVIDERS } from "../../stacks/providers";
import { minimal } from "../support/environments";
import { networkEnvironments } from "../support/networks";
import { provisioningEnvironments } from "../support/provisioning";
import { Bench, type Block, type StackJson } from "../support/synth";

const stackOf = (environment: EnvironmentConfig): EnvironmentStack =>
  new EnvironmentStack(Testing.app(), environment.name, { organization, environment });

const jsonOf = (environment: EnvironmentConfig): StackJson =>
  JSON.parse(Testing.synth(stackOf(environment), true)) as StackJson;

const operationsOf = (environment: EnvironmentConfig): NeededOperations =>
  neededOperations(resourceUses(stackOf(environment)), environment.protection.purgeOnDestroy);

/** Types as the table has them, out of what Terraform reads. */
function typesOf({ resource, data, ephemeral }: StackJson): string[] {
  const blocks = [resource, data, ephemeral].flatMap((part) =>
    Object.entries(part ?? {}).flatMap(([type, byId]) => Object.values(byId).map((block) => typeOf(type, block))),
  );
  return [...new Set(blocks)].sort();
}

function typeOf(type: string, block: Block): string {
  const armType = String(block.type).replace(/@.*/, "");
  return type.startsWith("azapi_") ? [armType, block.action].filter(Boolean).join("/") : type;
}

const everyRecord = [...environments, ...Object.values(networkEnvironments), provisioningEnvironments.open].map(
  (environment): [string, EnvironmentConfig] => [environment.name, environment],
);
const inArm = (type: string): boolean => !/^(iothub|random|time)_/.test(type);

describe("the table of operations", () => {
  test.each(everyRecord)("has a row for every type that Terraform reads in %s", (_name, environment) => {
    const types = typesOf(jsonOf(environment)).filter(inArm);
    expect(types.length).toBeGreaterThan(30);
    expect(types.filter((type) => ARM_OPERATIONS[type] === undefined)).toEqual([]);
  });

  test("has no row that no environment uses", () => {
    const used = new Set(everyRecord.flatMap(([, environment]) => typesOf(jsonOf(environment))));
    expect(Object.keys(ARM_OPERATIONS).filter((type) => !used.has(type))).toEqual([]);
  });

  test("has operations of ARM's form, in resource providers that are registered", () => {
    const all = Object.values(ARM_OPERATIONS).flatMap((row) => [
      ...row.read,
      ...row.write,
      ...row.delete,
      ...(row.purge ?? []),
    ]);
    for (const operation of [...all, ...ALWAYS_READ]) {
      expect(operation).toMatch(/^Microsoft\.[A-Za-z]+(\/(\*|[A-Za-z]+))+\/(read|write|delete|action)$/);
      expect(["Microsoft.Resources", ...RESOURCE_PROVIDERS]).toContain(operation.split("/", 1)[0]);
    }
  });

  test("deletes nothing in order to read or to write", () => {
    const making = Object.values(ARM_OPERATIONS).flatMap(({ read, write }) => [...read, ...write]);
    expect(making.filter((operation) => operation.endsWith("/delete"))).toEqual([]);
  });

  test("knows nothing of what is outside ARM, and refuses what it does not know", () => {
    expect(armOperations("iothub_device")).toBeUndefined();
    expect(() => armOperations("azurerm_firewall")).toThrow(
      "packages/azure-facts/src/arm-operations.ts has no row for azurerm_firewall",
    );
  });
});

describe("what is found in a stack", () => {
  test.each(everyRecord)("is what Terraform reads in %s", (_name, environment) => {
    const found = [...new Set(resourceUses(stackOf(environment)).map(({ type }) => type))].filter(inArm);
    expect(found.sort()).toEqual(typesOf(jsonOf(environment)).filter(inArm));
  });

  test("a clock needs nothing from ARM", () => {
    const bench = new Bench();
    const before = neededOperations(resourceUses(bench.stack), false);
    new Sleep(bench.stack, "Wait", { createDuration: "1s" });
    expect(neededOperations(resourceUses(bench.stack), false)).toEqual(before);
  });
});

describe("what an identity may do", () => {
  const [dev, staging, prod] = environments.map(operationsOf) as [NeededOperations, NeededOperations, NeededOperations];

  test("a plan reads, and fetches the one link that is kept nowhere", () => {
    for (const { plan } of [dev, staging, prod]) {
      expect(plan.filter((operation) => !operation.endsWith("/read"))).toEqual([
        "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
      ]);
    }
  });

  test("a plan's part is in an apply's", () => {
    for (const { plan, apply } of [dev, staging, prod]) {
      expect(plan.filter((operation) => !apply.includes(operation))).toEqual([]);
    }
  });

  test("nobody gets a hub's keys, and a plan no account's", () => {
    const keys = (operations: readonly string[]): string[] => operations.filter((name) => /listKeys/i.test(name));
    for (const { plan, apply } of [dev, staging, prod]) {
      expect(keys(plan)).toEqual([]);
      expect(keys(apply)).toEqual(["Microsoft.Storage/storageAccounts/listKeys/action"]);
    }
  });

  test.each([
    "Microsoft.ContainerRegistry/registries/delete",
    "Microsoft.Devices/iotHubs/delete",
    "Microsoft.KeyVault/vaults/delete",
    "Microsoft.MachineLearningServices/workspaces/delete",
    "Microsoft.OperationalInsights/workspaces/delete",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
    "Microsoft.Storage/storageAccounts/delete",
  ])("%s only where the record lets it be destroyed", (operation) => {
    expect(dev.apply).toContain(operation);
    expect(staging.apply).toContain(operation);
    expect(prod.apply).not.toContain(operation);
  });

  test("what holds no data can be destroyed even in production", () => {
    expect(prod.apply).toContain("Microsoft.Insights/metricAlerts/delete");
  });

  test("vaults are purged only where the configuration says so", () => {
    const purge = "Microsoft.KeyVault/locations/deletedVaults/purge/action";
    expect([dev, staging, prod].map(({ apply }) => apply.includes(purge))).toEqual([true, false, false]);
  });

  test("a virtual machine's operations come with the virtual machine", () => {
    const machines = (operations: NeededOperations): boolean =>
      operations.apply.some((operation) => operation.startsWith("Microsoft.Compute/virtualMachines/"));
    expect([machines(dev), machines(staging)]).toEqual([true, false]);
  });

  test("one unprotected resource of a type is enough to need its deletion", () => {
    const vault = { type: "azurerm_key_vault" };
    const apply = (...protection: boolean[]): readonly string[] =>
      neededOperations(
        protection.map((preventDestroy) => ({ ...vault, preventDestroy })),
        false,
      ).apply;
    expect(apply(true, true)).not.toContain("Microsoft.KeyVault/vaults/delete");
    expect(apply(true, false)).toContain("Microsoft.KeyVault/vaults/delete");
  });

  test("each operation stands once, in order, whatever its case", () => {
    for (const { plan, apply } of [dev, staging, prod]) {
      for (const operations of [plan, apply]) {
        const names = operations.map((operation) => operation.toLowerCase());
        expect(names).toEqual([...new Set(names)].sort());
      }
    }
  });
});

describe("roles that a stack assigns", () => {
  test.each(everyRecord)("are those of the JSON in %s", (_name, environment) => {
    const names = Object.values(jsonOf(environment).resource.azurerm_role_assignment ?? {}).map(
      ({ role_definition_name }) => String(role_definition_name),
    );
    const { managedIdentities, principals, deployer } = assignedRoles(stackOf(environment));
    const found = new Set([...managedIdentities, ...deployer, ...Object.values(principals).flat()]);
    expect([...found].sort()).toEqual([...new Set(names)].sort());
  });

  test("are told apart by who gets them: managed identities, principals that the configuration names, the deployer", () => {
    const team = { objectId: "AAAAAAAA-1111-4111-8111-111111111111", type: "Group" } as const;
    const plan = { objectId: "bbbbbbbb-1111-4111-8111-111111111111", type: "ServicePrincipal" } as const;
    const dashboards = { objectId: "cccccccc-1111-4111-8111-111111111111", type: "User" } as const;
    const named = assignedRoles(
      stackOf({ ...minimal, access: { contributors: { team }, readers: { plan }, analysts: { dashboards } } }),
    );
    expect(named.principals).toEqual({
      [team.objectId.toLowerCase()]: [
        "IoT Hub Data Contributor",
        "Key Vault Secrets Officer",
        "Storage Blob Data Contributor",
      ],
      [plan.objectId]: [
        "IoT Hub Data Reader",
        "Key Vault Secrets User",
        "Reader and Data Access",
        "Storage Blob Data Reader",
      ],
      [dashboards.objectId]: ["Storage Blob Data Reader"],
    });
    expect(named.deployer).toEqual([]);
    expect(named.managedIdentities).not.toContain("Key Vault Secrets Officer");
    expect(named.managedIdentities).not.toContain("Storage Blob Data Reader");
    expect(named.managedIdentities).toContain("Contributor");
    expect(assignedRoles(stackOf(minimal)).deployer).toEqual([
      "IoT Hub Data Contributor",
      "Key Vault Secrets Officer",
      "Storage Blob Data Contributor",
    ]);
  });

  test("readers may list the package account's keys, and no other account's", () => {
    const plan = { objectId: "11111111-1111-4111-8111-111111111111", type: "ServicePrincipal" } as const;
    const json = jsonOf({ ...minimal, access: { readers: { plan } } });
    const scopes = Object.values(json.resource.azurerm_role_assignment ?? {})
      .filter(({ role_definition_name }) => role_definition_name === "Reader and Data Access")
      .map(({ scope }) => scope);
    expect(scopes).toEqual([expect.stringMatching(/^\$\{azurerm_storage_account\.PackageStorage_Account_\w+\.id\}$/)]);
  });

  test("have ids of their own", () => {
    const ids = Object.values(BUILT_IN_ROLES);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });
});
