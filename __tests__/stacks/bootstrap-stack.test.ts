import { Testing } from "cdktf";
import { DOCTOR_OPERATIONS } from "@edge-anomaly-detection/doctor";
import { BUILT_IN_ROLES, type RoleName } from "@edge-anomaly-detection/azure-facts";
import type { BootstrapConfig } from "../../environments/bootstrap-config";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { RESOURCE_PROVIDERS } from "../../stacks/providers";

import { allows, type AssignmentRequest } from "../support/azure-condition";
import { minimal, organization } from "../support/environments";
import { all, at, find, paths, problemsOf, type StackJson } from "../support/synth";

const bootstrap: BootstrapConfig = {
  backend: { kind: "local" },
  operators: { jane: "44444444-4444-4444-8444-444444444444" },
  github: { owner: "contoso", repository: "edge" },
};
const hosted: EnvironmentConfig = {
  ...minimal,
  name: "hosted",
  code: "hst",
  backend: { kind: "cloud", organization: "contoso", workspace: "edge-hosted" },
};
const elsewhere = { ...hosted, subscriptionId: "AAAAAAAA-9999-4999-8999-999999999999" };
const OWN = "99999999-9999-4999-8999-999999999999";

function synth(environments: readonly EnvironmentConfig[], overrides: Partial<BootstrapConfig> = {}): StackJson {
  const app = Testing.app();
  const stacks = environments.map((environment) => {
    return new EnvironmentStack(app, environment.name, { organization, environment });
  });
  const configuration = { ...bootstrap, ...overrides };
  const stack = new BootstrapStack(app, "bootstrap", { organization, bootstrap: configuration, environments: stacks });
  return JSON.parse(Testing.synth(stack, true)) as StackJson;
}

const place = { resourceGroupName: "rg-state", storageAccountName: "ststate" };
const blob: EnvironmentConfig = {
  ...minimal,
  name: "blob",
  code: "blb",
  backend: { kind: "azurerm", ...place, containerName: "tfstate-blob", key: "state" },
};
const both = synth([minimal, hosted, blob]);

const subjects = (json: StackJson): string[] =>
  all(json, "azuread_application_federated_identity_credential").map(({ subject }) => String(subject));

const actions = (json: StackJson, id: string): string[] =>
  at(find(json, "azurerm_role_definition", id), "permissions[0].actions") as string[];

describe("what the doctor reads at night", () => {
  const missing = (id: string): string[] => {
    const allowed = new Set(actions(both, id).map((operation) => operation.toLowerCase()));
    return DOCTOR_OPERATIONS.filter((operation) => !allowed.has(operation.toLowerCase()));
  };

  test("is allowed to the plan identity where GitHub's jobs sign in as it, once each", () => {
    expect(missing("blob_PlanRole")).toEqual([]);
    const lower = actions(both, "blob_PlanRole").map((operation) => operation.toLowerCase());
    expect(new Set(lower).size).toBe(lower.length);
    expect(lower.filter((operation) => !/\/read$|listcallbackurl\/action$/.test(operation))).toEqual([]);
  });

  test("is not where they do not", () => {
    expect(missing("hosted_PlanRole")).toContain("Microsoft.AlertsManagement/alerts/read");
  });
});

describe("who can sign in", () => {
  test("each environment that a pipeline deploys has an identity that plans and one that applies", () => {
    expect(
      all(both, "azuread_application")
        .map(({ display_name }) => display_name)
        .sort(),
    ).toEqual(["app-anomaly-blb-apply", "app-anomaly-blb-plan", "app-anomaly-hst-apply", "app-anomaly-hst-plan"]);
    expect(all(both, "azuread_service_principal")).toHaveLength(4);
  });

  test("is who deploys: nobody where the state is local, HCP Terraform or a GitHub environment otherwise", () => {
    const workspace = "organization:contoso:project:Default Project:workspace:edge-hosted";
    expect(subjects(both).sort()).toEqual([
      `${workspace}:run_phase:apply`,
      `${workspace}:run_phase:plan`,
      "repo:contoso/edge:environment:blob",
      "repo:contoso/edge:environment:blob-plan",
    ]);
    const json = synth([minimal]);
    expect(json.resource.azuread_application).toBeUndefined();
    expect(json.resource.azurerm_role_definition).toBeUndefined();
  });

  test("includes jobs of pull requests only where the configuration asks for it, and as who plans", () => {
    const json = synth([blob, hosted], { pullRequestPlans: ["blob", "hosted"] });
    const subject = "repo:contoso/edge:environment:blob-pull-request";
    const found = all(json, "azuread_application_federated_identity_credential").filter(
      (credential) => credential.subject === subject,
    );
    expect(found.map(({ application_id }) => String(application_id).includes("_Plan_"))).toEqual([true]);
    expect(subjects(json).filter((one) => one.startsWith("repo:"))).toHaveLength(3);
  });

  test("includes the workflows of images and models only where the configuration asks for it, each by itself", () => {
    expect(subjects(both).filter((subject) => /:(images|models)$/.test(subject))).toEqual([]);
    const json = synth([hosted], { promotion: true });
    expect(subjects(json).filter((subject) => subject.startsWith("repo:"))).toEqual([
      "repo:contoso/edge:environment:images",
      "repo:contoso/edge:environment:models",
    ]);
    const names = all(json, "azuread_application").map(({ display_name }) => display_name);
    expect(names).toEqual(expect.arrayContaining(["app-anomaly-images", "app-anomaly-models"]));
    expect(Object.keys(at(json, "output.promotion.value") as object)).toEqual([
      "images_client_id",
      "images_object_id",
      "models_client_id",
      "models_object_id",
    ]);
    // Environments give them their roles: this stack gives none.
    const granted = (of: StackJson): number => all(of, "azurerm_role_assignment").length;
    expect(granted(json)).toBe(granted(synth([hosted])));
  });

  test("who plans cannot sign in as who applies", () => {
    const credentials = all(both, "azuread_application_federated_identity_credential");
    for (const { application_id, subject } of credentials) {
      const plans = String(application_id).includes("_Plan_");
      expect([subject, /-plan$|:plan$/.test(String(subject))]).toEqual([subject, plans]);
    }
  });

  test("the project and the host are the configurations'", () => {
    const backend = { ...hosted.backend, hostname: "tfe.example.com" } as EnvironmentConfig["backend"];
    const json = synth([{ ...hosted, backend }], { github: undefined, hcpTerraform: { project: "Factories" } });
    expect(subjects(json)).toHaveLength(2);
    for (const credential of all(json, "azuread_application_federated_identity_credential")) {
      expect(credential).toMatchObject({
        issuer: "https://tfe.example.com",
        subject: expect.stringContaining(":project:Factories:"),
      });
    }
  });

  test("nobody by a secret", () => {
    const types = Object.keys(both.resource);
    expect(types.filter((type) => /password|certificate|secret/.test(type))).toEqual([]);
    expect(JSON.stringify([both.resource, both.provider, both.output])).not.toMatch(/client_secret|access_key/);
  });
});

describe("what they may do", () => {
  test("is made of what the environment's stack is made of", () => {
    const withMachine: EnvironmentConfig = {
      ...blob,
      edge: {
        devices: [{ id: "sim", virtualMachine: true }],
        versions: { one: { detector: "1.0.0" } },
        rings: { all: { version: "one" } },
      },
    };
    const machine = "Microsoft.Compute/virtualMachines/write";
    expect(actions(both, "blob_ApplyRole")).not.toContain(machine);
    expect(actions(synth([withMachine]), "blob_ApplyRole")).toContain(machine);
    expect(actions(synth([withMachine]), "blob_PlanRole")).toContain("Microsoft.Compute/virtualMachines/read");
  });

  test("needs no right to register resource providers, because this stack does it in every subscription", () => {
    const json = synth([minimal, elsewhere], { subscriptionId: OWN });
    expect(JSON.stringify(json.resource)).not.toContain("register/action");
    expect(json.provider.azurerm).toHaveLength(2);
    for (const provider of json.provider.azurerm ?? []) {
      expect(provider.resource_providers_to_register).toEqual(RESOURCE_PROVIDERS);
    }
  });

  test("is in the environment's own subscription", () => {
    const json = synth([blob, elsewhere], { subscriptionId: OWN });
    const other = elsewhere.subscriptionId.toLowerCase();
    const where = (id: string): unknown[] => {
      const { scope, assignable_scopes, provider } = find(json, "azurerm_role_definition", id);
      return [scope, assignable_scopes, provider];
    };
    expect(where("blob_ApplyRole")).toEqual([`/subscriptions/${OWN}`, [`/subscriptions/${OWN}`], "azurerm"]);
    expect(where("hosted_PlanRole")).toEqual([
      `/subscriptions/${other}`,
      [`/subscriptions/${other}`],
      `azurerm.subscription-${other}`,
    ]);
  });

  test("without a subscription in any configuration is in the one that Terraform is signed in to", () => {
    expect(find(both, "azurerm_role_definition", "blob_PlanRole").scope).toBe(
      "/subscriptions/${data.azurerm_client_config.Deployer.subscription_id}",
    );
  });

  describe("with roles", () => {
    const team = { objectId: "11111111-1111-4111-8111-111111111111", type: "Group" } as const;
    const json = synth([{ ...blob, access: { contributors: { team } } }, hosted]);
    const condition = (id: string, of = json): string => String(find(of, "azurerm_role_assignment", id).condition);
    /** The id that a reference to an identity stands for. */
    const reference = (id: string): string => {
      const found = Object.keys(json.resource.azuread_service_principal ?? {}).find((key) => key.startsWith(id));
      return `\${azuread_service_principal.${found ?? ""}.object_id}`;
    };
    const write = (role: RoleName, principalId: string, PrincipalType: string): AssignmentRequest => ({
      action: "Microsoft.Authorization/roleAssignments/write",
      RoleDefinitionId: BUILT_IN_ROLES[role],
      PrincipalId: principalId,
      PrincipalType,
    });
    const others = "99999999-1111-4111-8111-111111111111";
    const may = (request: AssignmentRequest, id = "blob_ApplyRole"): boolean =>
      allows(condition(id).replaceAll("${", "").replaceAll(".object_id}", ".object_id"), {
        ...request,
        PrincipalId: request.PrincipalId?.replace(/^\$\{(.*)\}$/, "$1"),
      });

    test("who plans has none to give", () => {
      expect(find(json, "azurerm_role_assignment", "blob_PlanRole").condition).toBeUndefined();
    });

    test("who applies gives data roles to whom the configuration names, and to nobody else", () => {
      expect(may(write("IoT Hub Data Contributor", team.objectId, "Group"))).toBe(true);
      expect(may(write("IoT Hub Data Contributor", others, "Group"))).toBe(false);
      expect(may(write("IoT Hub Data Contributor", others, "ServicePrincipal"))).toBe(false);
      expect(may(write("IoT Hub Data Contributor", reference("blob_Apply"), "ServicePrincipal"))).toBe(false);
    });

    test("who applies gives roles of managed identities to no pipeline, itself included", () => {
      expect(may(write("Contributor", others, "ServicePrincipal"))).toBe(true);
      for (const id of ["blob_Apply", "blob_Plan", "hosted_Apply", "hosted_Plan"]) {
        expect([id, may(write("Contributor", reference(id), "ServicePrincipal"))]).toEqual([id, false]);
      }
    });

    test("where the configuration names no contributor, who applies gives data roles to itself alone", () => {
      const role = "IoT Hub Data Contributor";
      expect(may(write(role, reference("hosted_Apply"), "ServicePrincipal"), "hosted_ApplyRole")).toBe(true);
      expect(may(write(role, reference("hosted_Plan"), "ServicePrincipal"), "hosted_ApplyRole")).toBe(false);
      expect(may(write(role, others, "ServicePrincipal"), "hosted_ApplyRole")).toBe(false);
    });
  });
});

describe("operators", () => {
  test("own every application, so that any of them can change it", () => {
    const owned = [...all(both, "azuread_application"), ...all(both, "azuread_service_principal")];
    expect(owned.map(({ owners }) => owners)).toEqual(owned.map(() => Object.values(bootstrap.operators)));
  });

  test("read each subscription, once", () => {
    const reads = (json: StackJson): unknown[] =>
      all(json, "azurerm_role_assignment")
        .filter(({ role_definition_name }) => role_definition_name === "Reader")
        .map(({ scope }) => scope);
    expect(reads(both)).toHaveLength(1);
    expect(reads(synth([minimal, elsewhere], { subscriptionId: OWN }))).toHaveLength(2);
    expect(reads(synth([minimal, elsewhere], { subscriptionId: elsewhere.subscriptionId.toLowerCase() }))).toHaveLength(
      1,
    );
  });
});

describe("storage for states", () => {
  test("is made for those whose backend it is", () => {
    const json = synth([minimal, blob], { stateStorage: { location: "westeurope", ...place } });
    expect(all(json, "azurerm_storage_container").map(({ name }) => name)).toEqual([
      "tfstate-blob",
      "tfstate-blob-plans",
    ]);
    expect(find(json, "azurerm_storage_account")).toMatchObject({
      name: "ststate",
      tags: { purpose: "anomaly-detection" },
    });
    expect(json.output?.state_storage_account).toBeDefined();
  });

  test("is in no group that an environment creates", () => {
    const stateStorage = { location: "westeurope", ...place, resourceGroupName: "RG-anomaly-tst" };
    const backend = { ...blob.backend, resourceGroupName: stateStorage.resourceGroupName };
    const make = (): unknown => synth([minimal, { ...blob, backend }], { stateStorage });
    expect(paths(problemsOf(make))).toEqual(["stateStorage.resourceGroupName", "blob.backend.resourceGroupName"]);
  });

  test("is not made where the configuration does not ask for it", () => {
    expect(both.resource.azurerm_storage_account).toBeUndefined();
    expect(synth([blob]).resource.azurerm_storage_account).toBeUndefined();
  });
});

test("tells what configurations and pipelines are to be given, and nothing secret", () => {
  expect(Object.keys(both.output ?? {}).sort()).toEqual(["identities", "operators_object_id", "tenant_id"]);
  expect(Object.keys(at(both.output, "identities.value") as object)).toEqual(["blob", "hosted"]);
  expect(at(both.output, "identities.value.blob")).toEqual({
    apply_client_id: expect.stringMatching(/^\$\{azuread_application\.blob_Apply_\w+\.client_id\}$/),
    apply_object_id: expect.stringMatching(/^\$\{azuread_service_principal\.blob_Apply_\w+\.object_id\}$/),
    plan_client_id: expect.stringMatching(/^\$\{azuread_application\.blob_Plan_\w+\.client_id\}$/),
    plan_object_id: expect.stringMatching(/^\$\{azuread_service_principal\.blob_Plan_\w+\.object_id\}$/),
  });
});

test("accepts providers that have come since the bindings were made, up to the next major version", () => {
  expect(both.terraform).toMatchObject({
    backend: { local: { path: "../../../terraform.bootstrap.tfstate" } },
    required_version: ">= 1.11",
    required_providers: { azuread: { version: "~> 3.7" }, azurerm: { version: "~> 4.55" } },
  });
});

test("addresses stay when an environment is put before another", () => {
  const addresses = (json: StackJson): string[] =>
    Object.entries(json.resource)
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort();
  expect(addresses(synth([blob, hosted, minimal]))).toEqual(addresses(both));
});

test("refuses a configuration with validation errors before it makes anything", () => {
  expect(paths(problemsOf(() => synth([blob], { operators: {}, github: undefined })))).toEqual([
    "operators",
    "blob.backend.kind",
  ]);
});
