import { loadConfiguration } from "../../environments/validation/load";
import { placeholdersIn } from "../../environments/validation/placeholders";
import { configurationWarnings } from "../../environments/validation/warnings";
import { bootstrap } from "../../environments/bootstrap";
import { shapesProblems } from "../../stacks/commands/configuration-shapes";
import { messageVolume } from "../../environments/validation/message-volume";
import { minimal, organization } from "../support/environments";

const own = { workload: "anomaly", nameSeed: "acme-rolling-mills" };
const signs = (environment: object): string[] =>
  placeholdersIn({ organization: own, environments: [{ ...minimal, ...environment }], bootstrap })
    .filter(({ owner }) => owner === "test")
    .map(({ path }) => path);

const alerts = { receivers: { team: "team@acme.io" } };

test.each([
  "ops@example.org",
  "ops@mail.example.com",
  "gateway.invalid",
  "https://plant.example/x",
  "Contoso Ltd",
  "00000000-0000-0000-0000-000000000000",
  "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
  "change-me",
  "<your name>",
  "TODO",
])("%s is a placeholder", (value) => {
  expect(signs({ alerts, tags: { a: value } })).toEqual(["tags.a"]);
});

test.each([
  "ops@example-mills.com",
  "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
  "latest",
  "aachen",
  "contosoville",
  "exchange",
])("%s is none", (value) => {
  expect(signs({ alerts, tags: { a: value } })).toEqual([]);
});

test("an estimate above what the hub takes is a warning with its parts", () => {
  const devices = Array.from({ length: 30 }, (_, index) => ({ id: `d${index}` }));
  const edge = {
    devices,
    versions: { v: { detector: "1.0.0" } },
    rings: { all: { version: "v" } },
    telemetryToCloud: true,
  };
  const loaded = { ...loadConfiguration(), organization, environments: [{ ...minimal, edge }] };
  expect(configurationWarnings(loaded).find(({ rule }) => rule === "message-quota")).toMatchObject({
    owner: "test",
    value:
      "530,208 messages a day estimated: 518,400 telemetry, 5,184 anomalies, 5,184 Stream Analytics rows, 1,440 the runtime",
    allowed: "what the hub takes: 400,000 a day, 1 unit of S1",
  });
});

test("a free hub counts pieces of half a kilobyte", () => {
  const edge = { devices: [{ id: "one" }], versions: { v: { detector: "1.0.0" } }, rings: { all: { version: "v" } } };
  const of = (sku: "F1" | "S1"): object => messageVolume({ ...minimal, hub: { sku }, edge });
  expect(of("S1")).toMatchObject({ anomalies: 173, runtime: 48, telemetry: 0, quota: 400_000 });
  expect(of("F1")).toMatchObject({ anomalies: 346, runtime: 384, telemetry: 0, quota: 8_000 });
});

test("the shapes by which the configuration is validated are those of the interfaces", () => {
  expect(shapesProblems(process.cwd())).toEqual([]);
});
