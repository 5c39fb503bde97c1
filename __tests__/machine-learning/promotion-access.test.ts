import { Testing } from "cdktf";
import { assignedRoles } from "../../constructs/security/assigned-roles";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";
import { all, paths, type StackJson } from "../support/synth";

const [IMAGES, MODELS] = ["7", "8"].map((digit) => `${digit.repeat(8)}-7777-4777-8777-777777777777`) as [
  string,
  string,
];
const access: EnvironmentConfig["access"] = {
  imagePublishers: { images: { objectId: IMAGES, type: "ServicePrincipal" } },
  modelReaders: { models: { objectId: MODELS, type: "ServicePrincipal" } },
};

const stackOf = (environment: EnvironmentConfig): EnvironmentStack =>
  new EnvironmentStack(Testing.app(), "test", { organization, environment });

test("the identities of images and models may push, read models' files and read what is registered, and nothing else", () => {
  const { principals } = assignedRoles(stackOf({ ...minimal, access }));
  expect(principals).toEqual({ [IMAGES]: ["AcrPush", "Storage Blob Data Reader"], [MODELS]: ["Reader"] });
  const json = JSON.parse(Testing.synth(stackOf({ ...minimal, access }))) as StackJson;
  const scopes = all(json, "azurerm_role_assignment").flatMap(({ for_each, scope, role_definition_name: role }) =>
    JSON.stringify(for_each ?? "").match(IMAGES) || JSON.stringify(for_each ?? "").match(MODELS) ? [[role, scope]] : [],
  );
  expect(scopes).toEqual([
    [
      "Storage Blob Data Reader",
      expect.stringMatching(/^\$\{azurerm_storage_account\.Lake_\w+\.id\}\/blobServices\/default\/containers\/.+/),
    ],
    ["AcrPush", expect.stringMatching(/^\$\{azurerm_container_registry\.Registry_\w+\.id\}$/)],
    ["Reader", expect.stringMatching(/^\$\{azapi_resource\.Workspace_\w+\.id\}$/)],
  ]);
});

test("nobody gets them where an environment names nobody", () => {
  const { principals } = assignedRoles(stackOf(minimal));
  expect(principals).toEqual({});
});

test("an object id that is none is a validation error, with the others", () => {
  const wrong = { images: { objectId: "app-anomaly-images", type: "ServicePrincipal" } } as const;
  const found = environmentProblems(organization, {
    ...minimal,
    access: { imagePublishers: wrong, modelReaders: wrong },
  });
  expect(paths(found)).toEqual(["access.imagePublishers.images.objectId", "access.modelReaders.images.objectId"]);
});
