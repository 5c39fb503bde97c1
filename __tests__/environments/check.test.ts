import { checkConfiguration, type OwnedProblem } from "../../environments/validation/check";
import { ValidationError } from "@edge-anomaly-detection/common";
import { bootstrap } from "../../environments/bootstrap";
import { prod } from "../../environments/prod";
import { minimal, organization } from "../support/environments";

const problemsOf = (...environments: unknown[]): readonly OwnedProblem[] =>
  checkConfiguration({ organization, environments, bootstrap }).problems;
const found = (environment: object): string[] =>
  problemsOf({ ...minimal, ...environment }).map(({ path, remedy }) => `${path}: ${remedy}`);
const messageOf = (environment: object): string =>
  new ValidationError("configuration", problemsOf({ ...minimal, ...environment })).message;

test("a valid configuration comes back as it was, without what is undefined", () => {
  const { configuration } = checkConfiguration({
    organization,
    environments: [{ ...minimal, hub: { sku: undefined }, policy: { ...minimal.policy, requiredTags: undefined } }],
    bootstrap,
  });
  expect(JSON.parse(JSON.stringify(configuration))).toEqual({
    isValidated: true,
    organization,
    environments: [{ ...minimal, hub: {} }],
    bootstrap,
  });
});

test("types and rules are judged together, each place once", () => {
  expect(
    found({
      code: undefined,
      location: "West Europe",
      hub: { sku: "B1", units: "2", unit: 3 },
      protection: { preventDestroy: "true", purgeOnDestroy: false },
      edge: { versions: 3, rings: { all: { version: "one" } }, timeToLiveSeconds: -1 },
      budget: { monthlyAmount: null },
    }),
  ).toEqual([
    "test.code: add it",
    "test.protection.preventDestroy: write true without quotation marks",
    "test.hub.unit: write units, or remove it",
    "test.hub.units: write 2 without quotation marks",
    "test.edge.versions: write an object with names of your own",
    "test.budget.monthlyAmount: write a value, or leave it out where there is a default",
    expect.stringMatching(/^test\.location: write for example westeurope/),
    expect.stringMatching(/^test\.hub\.sku: choose S1 or larger/),
    "test.edge.timeToLiveSeconds: choose how long a device may be without a network",
  ]);
});

test("the kind of a choice decides what may stand beside it", () => {
  expect(found({ backend: { kind: "s3" } })).toEqual(["test.backend.kind: choose one of them"]);
  expect(found({ backend: { kind: "cloud", organization: "contoso", workspace: 3 } })).toEqual([
    "test.backend.workspace: write text in quotation marks",
  ]);
  expect(found({ backend: "local" })).toEqual(["test.backend: write an object whose kind is local, cloud, azurerm"]);
});

test("a word that is in no closed set is told, also where no rule looks for it", () => {
  const access = { contributors: { team: { objectId: "11111111-1111-4111-8111-111111111111", type: "Robot" } } };
  expect(problemsOf({ ...minimal, access }).map(({ path }) => path)).toEqual(["test.access.contributors.team.type"]);
});

test.each([
  ["a function", { tags: () => ({}) }, "test.tags is a function"],
  ["a date", { budget: { monthlyAmount: new Date(0) } }, "test.budget.monthlyAmount is an object of the class Date"],
  ["a bigint", { budget: { monthlyAmount: 10n } }, "test.budget.monthlyAmount is 10n, a bigint"],
  ["NaN", { budget: { monthlyAmount: Number.NaN } }, 'test.budget.monthlyAmount is "NaN"'],
  ["a name of every object", { tags: { constructor: "x" } }, 'test.tags.constructor is "x"'],
  ["__proto__", { tags: JSON.parse('{"__proto__":"x"}') as object }, 'test.tags.__proto__ is "x"'],
])("%s is told as it stands there", (_what, environment, shown) => {
  expect(messageOf(environment)).toContain(`  ${shown}\n`);
});

test("an environment called constructor is refused, and so are two of one name", () => {
  expect(problemsOf({ ...minimal, name: "constructor" }).map(({ path }) => path)).toEqual(["constructor.name"]);
  expect(problemsOf(minimal, minimal).map(({ path }) => path)).toEqual(["[1].name", "[1].code"]);
});

test.each([undefined, null, 3, "dev", {}, () => []])("a list of environments that is %p", (environments) => {
  expect(checkConfiguration({ organization, environments, bootstrap }).problems[0]).toMatchObject({
    path: "environments",
    remedy: "export the list",
  });
});

test("what would let somebody in stays out of messages", () => {
  const link = "https://x.blob.core.windows.net/m.onnx?sv=2024&sig=Aa0%2Bsecret%3D&se=2027";
  const text = messageOf({
    location: link,
    tags: { [`key AccountKey=c2VjcmV0`]: "x".repeat(300) },
    alerts: { receivers: { team: "https://me:secret@example.com" } },
    edge: {
      ...prod.edge,
      versions: { one: { detector: "1.0.0", model: { uri: link, sha256: "SharedAccessKey=secret;x" } } },
    },
  });
  expect(text).toContain("sig=REDACTED&se=2027");
  expect(text).not.toMatch(/secret|c2VjcmV0/);
});

describe("regions", () => {
  test("a region that Azure does not have is told with those that are alike", () => {
    expect(problemsOf({ ...minimal, location: "westeurop" })).toMatchObject([
      { path: "test.location", allowed: expect.stringContaining("westeurope") },
    ]);
    const policy = { ...minimal.policy, allowedRegions: ["westeurope", "eastus9"] };
    expect(problemsOf({ ...minimal, policy }).map(({ path }) => path)).toEqual(["test.policy.allowedRegions[1]"]);
  });

  test("a region that has opened since is allowed by the organisation", () => {
    const raw = { environments: [{ ...minimal, location: "atlantiswest" }], bootstrap };
    expect(checkConfiguration({ ...raw, organization }).problems).toHaveLength(1);
    const knowing = { ...organization, additionalRegions: ["atlantiswest"] };
    expect(checkConfiguration({ ...raw, organization: knowing }).problems).toEqual([]);
  });
});

describe("messages a day", () => {
  const edge = {
    devices: [{ id: "one" }],
    versions: { v: { detector: "1.0.0" } },
    rings: { all: { version: "v" } },
    telemetryToCloud: true,
  };
  const free = { hub: { sku: "F1" }, routing: { telemetryToLake: false, enrichments: {} } };

  test.each([
    [5, 1],
    [10, 1],
    [11, 0],
  ])(
    "a free hub and one simulated sensor that sends every %d s: %d validation errors",
    (simulatedSensorSeconds, count) => {
      const problems = problemsOf({ ...minimal, ...free, edge: { ...edge, simulatedSensorSeconds } });
      expect(problems.map(({ path }) => path)).toEqual(new Array(count).fill("test.edge.simulatedSensorSeconds"));
    },
  );

  test("the error does the sum", () => {
    expect(problemsOf({ ...minimal, ...free, edge: { ...edge, simulatedSensorSeconds: 5 } })).toMatchObject([
      {
        value: "5 s: 17,280 messages a day from all devices",
        allowed: "messages that the hub takes: 8,000 a day, 1 unit of F1",
      },
    ]);
  });

  test("units multiply what the hub takes", () => {
    const devices = Array.from({ length: 5 }, (_, index) => ({ id: `d${index}` }));
    const of = (units: number): number =>
      problemsOf({ ...minimal, hub: { units }, edge: { ...edge, devices, simulatedSensorSeconds: 1 } }).length;
    expect([of(1), of(2)]).toEqual([1, 0]);
  });
});
