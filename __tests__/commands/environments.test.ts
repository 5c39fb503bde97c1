import { listEnvironments } from "../../stacks/commands/environments";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { listenToConsole } from "../support/console";
import { minimal } from "../support/environments";

const known: readonly EnvironmentConfig[] = [
  { ...minimal, name: "dev" },
  { ...minimal, name: "staging", backend: { kind: "cloud", organization: "contoso", workspace: "staging" } },
  {
    ...minimal,
    name: "prod",
    backend: {
      kind: "azurerm",
      resourceGroupName: "rg-state",
      storageAccountName: "contosostate",
      containerName: "prod",
      key: "terraform.tfstate",
    },
  },
];
const STAGING = { name: "staging", backend: "cloud", storageAccount: "", planContainer: "" };
const PROD = { name: "prod", backend: "azurerm", storageAccount: "contosostate", planContainer: "prod-plans" };

const { printed, complained } = listenToConsole();

const json = (): unknown => JSON.parse(printed.join("\n"));

test("lists every environment, in the order in which changes reach them", () => {
  expect(listEnvironments([], known)).toBe(0);
  expect(printed).toEqual(["dev local\nstaging cloud\nprod azurerm"]);
});

test("keeps that order, whatever the order of the names", () => {
  expect(listEnvironments(["--pipeline", " prod,staging ", "--json"], known)).toBe(0);
  expect(json()).toEqual([STAGING, PROD]);
});

test("lists only what a pipeline was told", () => {
  expect(listEnvironments(["--pipeline", "prod", "--json"], known)).toBe(0);
  expect(json()).toEqual([PROD]);
});

test("lists nothing for a repository where nobody has set anything up", () => {
  expect(listEnvironments(["--pipeline", "", "--json"], known)).toBe(0);
  expect(json()).toEqual([]);
});

test("names every validation error and what to do, and prints no list", () => {
  expect(listEnvironments(["--pipeline", "dev nope prod", "--json"], known)).toBe(1);
  const text = complained.join("\n");
  expect(text).toMatch(/dev keeps its state in a local file.*\n.*\n {2}do: {6}give it another backend/);
  expect(text).toMatch(/there is no environment nope\n {2}allowed: dev, staging, prod/);
  expect(printed).toEqual([]);
});

test.each([
  [["--pipelines"], "unknown argument --pipelines"],
  [["staging"], "unknown argument staging"],
  [["--pipeline"], "--pipeline needs a value"],
])("refuses %j", (args, reason) => {
  expect(listEnvironments(args, known)).toBe(2);
  expect(complained.join("\n")).toContain(reason);
});

test("the environments of this repository are listed", () => {
  expect(listEnvironments(["--json"])).toBe(0);
  expect(json()).toEqual(expect.arrayContaining([expect.objectContaining({ name: "dev", backend: "local" })]));
});
