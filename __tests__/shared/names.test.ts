import fc from "fast-check";
import {
  allNames,
  containerRegistryName,
  iotHubName,
  keyVaultName,
  namePartProblems,
  type NameParts,
  resourceGroupName,
  stableUuid,
  storageAccountName,
} from "../../constructs/shared/names";
import { NAME_RULES } from "../../constructs/shared/name-rules";
import { paths } from "../support/synth";
import { validParts } from "./names.arbitrary";

const parts: NameParts = { workload: "anomaly", code: "dev", location: "westeurope", seed: "contoso-factories" };
const places = { workload: "workload", code: "code", location: "location", seed: "seed" };

test("names follow abbreviation, workload, purpose and code", () => {
  expect(resourceGroupName(parts)).toBe("rg-anomaly-dev");
  expect(storageAccountName(parts, "lake")).toMatch(/^stanomalylakedev[a-z0-9]{6}$/);
  expect(keyVaultName(parts)).toMatch(/^kv-anomaly-dev-[a-z0-9]{6}$/);
});

test("names that all of Azure shares end in the organisation's hash, others do not", () => {
  const other = { ...parts, seed: "fabrikam-factories" };
  expect(iotHubName(other)).not.toBe(iotHubName(parts));
  expect(resourceGroupName(other)).toBe(resourceGroupName(parts));
});

test("a second region gets global names of its own", () => {
  expect(containerRegistryName({ ...parts, location: "eastus2" })).not.toBe(containerRegistryName(parts));
});

test("the hash stays what it was when it was first deployed", () => {
  // A change here renames, and so replaces, everything that anyone has deployed.
  expect(iotHubName(parts)).toBe("iot-anomaly-dev-nrbro7");
});

test("a workbook's name is a UUID of version 8 and depends on the purpose", () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(stableUuid(parts, "workbook")).toMatch(form);
  expect(stableUuid(parts, "workbook")).not.toBe(stableUuid(parts, "other"));
});

test("every name of valid parts keeps its type's limits and no two are the same", () => {
  fc.assert(
    fc.property(validParts, (valid) => {
      expect(namePartProblems(valid, places)).toEqual([]);
      const names = allNames(valid);
      for (const { rule, name } of names) {
        expect(name.length).toBeGreaterThanOrEqual(rule.min);
        expect(name.length).toBeLessThanOrEqual(rule.max);
        expect(name).toMatch(rule.form);
      }
      expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
    }),
    { numRuns: 300 },
  );
});

test("every kind of name is among those that are checked", () => {
  const checked = new Set(allNames(parts).map(({ rule }) => rule.what));
  expect(Object.values(NAME_RULES).filter(({ what }) => !checked.has(what))).toEqual([]);
});

describe("parts that cannot be names", () => {
  test.each([
    ["workload", "Anomaly"],
    ["workload", "a"],
    ["workload", "anomaly-detection"],
    ["code", "d"],
    ["code", "stage"],
    ["location", "West Europe"],
    ["location", "westeurope-1"],
    ["seed", "short"],
  ] as const)("%s %p", (field, value) => {
    const [problem] = namePartProblems({ ...parts, [field]: value }, places);
    expect(problem?.path).toBe(field === "seed" ? "seed.length" : field);
  });

  test("are all reported at once", () => {
    const wrong = { workload: "A", code: "DEV", location: "West Europe", seed: "" };
    expect(paths(namePartProblems(wrong, places))).toEqual(["workload", "code", "location", "seed.length"]);
  });

  test("a word that is well formed but too long names the tightest name and by how much it is over", () => {
    const [problem, ...others] = namePartProblems({ ...parts, workload: "anomalydetection" }, places);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: "workload", value: "anomalydetection" });
    expect(problem?.allowed).toContain("kvml-anomalydetection-dev-");
    expect(problem?.remedy).toBe("shorten it by 8 characters, or code");
  });

  test("taking the remedy's advice is enough", () => {
    expect(namePartProblems({ ...parts, workload: "anomalydetection".slice(0, 8) }, places)).toEqual([]);
  });
});
