import type { EnvironmentConfig } from "../../environments/environment-config";
import type { EnrollmentGroupConfig } from "../../environments/provisioning-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { type EnrollmentOptions, enrollments } from "../../stacks/commands/enrollments/command";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";
import { paths } from "../support/synth";
import { DpsStandIn } from "./stand-in";

const FIRST = "__tests__/enrollments/certificates/first.pem";
const SECOND = "__tests__/enrollments/certificates/second.pem";
const LEAF = "__tests__/enrollments/certificates/leaf.pem";

const signed = (tags: Record<string, string>, certificate = FIRST): EnrollmentGroupConfig => ({
  attestation: { kind: "certificateAuthority", certificate },
  tags,
});
const environmentOf = (enrollmentGroups: Record<string, EnrollmentGroupConfig>): EnvironmentConfig => ({
  ...minimal,
  provisioning: { kind: "dps", service: "contoso-factories", enrollmentGroups },
});
const TWO = { aachen: signed({ site: "aachen", ring: "canary" }), essen: signed({ site: "essen", ring: "fleet" }) };

const { printed, complained } = listenToConsole();
let dps: DpsStandIn;
let address: string;
const waits: number[] = [];

beforeEach(async () => {
  waits.length = 0;
  dps = new DpsStandIn();
  address = await dps.start();
});
afterEach(() => dps.stop());

const run = (
  groups: Record<string, EnrollmentGroupConfig>,
  options: Partial<EnrollmentOptions> = {},
): Promise<number> =>
  enrollments(organization, environmentOf(groups), {
    apply: true,
    remove: false,
    json: false,
    token: () => Promise.resolve("a-token"),
    address,
    now: new Date("2026-11-25"),
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    ...options,
  });
const lastLine = (): string => printed.at(-1)?.split("\n").at(-1) ?? "";
const writes = (): string[] =>
  dps.seen.filter(({ method }) => method !== "POST").map(({ method, path }) => `${method} ${path}`);
const planned = async (groups: Record<string, EnrollmentGroupConfig>): Promise<string> => {
  expect(await run(groups, { apply: false })).toBe(0);
  return lastLine();
};
const NOTHING = "test: 0 to create, 0 to change, 0 to remove, 2 unchanged, 0 of others left alone";

test("a plan reads and changes nothing", async () => {
  expect(await planned(TWO)).toBe("test: 2 to create, 0 to change, 0 to remove, 0 unchanged, 0 of others left alone");
  expect(writes()).toEqual([]);
  expect(dps.groups.size).toBe(0);
});

test("creates groups with authority, twin, hub and policy, and signs in", async () => {
  expect(await run(TWO)).toBe(0);
  expect(dps.body("aachen")).toMatchObject({
    attestation: {
      type: "x509",
      x509: { signingCertificates: { primary: { certificate: expect.stringContaining("BEGIN CERTIFICATE") } } },
    },
    capabilities: { iotEdge: true },
    provisioningStatus: "enabled",
    reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
    iotHubs: [expect.stringMatching(/^iot-anomaly-tst-\w+\.azure-devices\.net$/)],
    initialTwin: { tags: { environment: "test", site: "aachen", ring: "canary" } },
  });
  expect(new Set(dps.seen.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer a-token"]));
});

test("does nothing where nothing differs, over several pages", async () => {
  dps.pageSize = 1;
  await run(TWO);
  dps.seen.length = 0;
  expect(await planned(TWO)).toBe(NOTHING);
  expect(await run(TWO)).toBe(0);
  expect(writes()).toEqual([]);
  expect(dps.seen).toHaveLength(4);
});

test("changes what the configuration changed, and names it with both values", async () => {
  await run(TWO);
  const changed = { ...TWO, essen: { ...signed({ site: "essen", ring: "canary" }), enabled: false } };
  expect(await run(changed)).toBe(0);
  expect(printed.join("\n")).toContain("initialTwin.tags.ring: fleet -> canary");
  expect(printed.join("\n")).toContain("provisioningStatus: enabled -> disabled");
  expect(writes().slice(2)).toEqual(["PUT /enrollmentGroups/essen"]);
  expect(dps.seen.at(-1)?.ifMatch).toBe('"1"');
  expect(await planned(changed)).toBe(NOTHING);
});

test("rolls an authority over: the successor is added, then takes its place", async () => {
  const group = (certificate: string, nextCertificate?: string): Record<string, EnrollmentGroupConfig> => ({
    aachen: { attestation: { kind: "certificateAuthority", certificate, nextCertificate } },
  });
  await run(group(FIRST));
  expect(await run(group(FIRST, SECOND))).toBe(0);
  expect(printed.join("\n")).toMatch(/certificates: [0-9a-f]{64} -> [0-9a-f]{64}, [0-9a-f]{64}/);
  expect(await run(group(SECOND))).toBe(0);
  expect(await planned(group(SECOND))).toContain("0 to change, 0 to remove, 1 unchanged");
});

test("undoes what somebody changed in the service", async () => {
  await run(TWO);
  const body = dps.body("aachen") ?? {};
  dps.write("aachen", {
    ...body,
    provisioningStatus: "disabled",
    initialTwin: { tags: { environment: "test", site: "bonn" } },
  });
  expect(await run(TWO)).toBe(0);
  expect(printed.join("\n")).toContain("initialTwin.tags.site: bonn -> aachen");
  expect(dps.body("aachen")).toMatchObject({ provisioningStatus: "enabled" });
  expect(await planned(TWO)).toBe(NOTHING);
});

test("removes only with --remove, and only its own", async () => {
  await run(TWO);
  dps.write("theirs", { attestation: { type: "symmetricKey" } });
  dps.write("staging", { attestation: { type: "symmetricKey" }, initialTwin: { tags: { environment: "staging" } } });
  const one = { aachen: TWO.aachen };
  expect(await run(one)).toBe(0);
  expect(complained.join("\n")).toContain("1 not removed");
  expect([...dps.groups.keys()]).toEqual(["aachen", "essen", "theirs", "staging"]);
  expect(await run(one, { remove: true })).toBe(0);
  expect([...dps.groups.keys()]).toEqual(["aachen", "theirs", "staging"]);
});

test("takes no group that somebody else made, and changes no kind of attestation", async () => {
  await run(TWO);
  dps.write("bonn", { attestation: { type: "symmetricKey" } });
  const before = writes().length;
  expect(await run({ ...TWO, bonn: signed({}), essen: { attestation: { kind: "symmetricKey" } } })).toBe(1);
  expect(printed.join("\n")).toContain("bonn is there and not this environment's");
  expect(printed.join("\n")).toContain("essen proves devices by x509, which cannot become symmetricKey");
  expect(writes()).toHaveLength(before);
});

test("waits as long as the service asks where it is throttled", async () => {
  dps.faults.push({ status: 429, retryAfter: "7" }, { status: 429, retryAfter: "3" });
  expect(await run(TWO)).toBe(0);
  expect(waits).toEqual([7_000, 3_000]);
  expect(dps.groups.size).toBe(2);
});

test("gives up where throttling does not end, and says what to do", async () => {
  dps.faults.push(...Array<{ status: number }>(5).fill({ status: 429 }));
  expect(await run(TWO)).toBe(1);
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(complained.join("\n")).toContain("1,000 operations a minute");
});

test("a run that fails half way says what is left; the next one does that alone", async () => {
  const three = { ...TWO, trier: signed({ site: "trier" }) };
  // The first group is written; the next request is refused.
  dps.beforeWrite = (id) => {
    if (id === "aachen") {
      dps.faults.push({ status: 403 });
    }
  };
  expect(await run(three)).toBe(1);
  expect(complained.join("\n")).toContain("not done: essen, trier");
  expect(complained.join("\n")).toContain("Device Provisioning Service Data Contributor");
  dps.beforeWrite = () => undefined;
  dps.seen.length = 0;
  expect(await run(three)).toBe(0);
  expect(writes()).toEqual(["PUT /enrollmentGroups/essen", "PUT /enrollmentGroups/trier"]);
});

test("an answer that is lost after the group was written is found done by the next run", async () => {
  dps.faults.push("lost");
  // The second attempt meets its own group.
  expect(await run(TWO)).toBe(1);
  expect(complained.join("\n")).toContain("plan again");
  expect(await run(TWO)).toBe(0);
  expect(await planned(TWO)).toBe(NOTHING);
});

test("a group that somebody changes between plan and apply is not overwritten", async () => {
  await run(TWO);
  dps.beforeWrite = (id) => {
    dps.write(id, { ...dps.body(id), provisioningStatus: "disabled" });
  };
  expect(await run({ ...TWO, essen: signed({ site: "essen", ring: "late" }) })).toBe(1);
  expect(complained.join("\n")).toContain("plan again");
  expect(dps.body("essen")).toMatchObject({ initialTwin: { tags: { ring: "fleet" } }, provisioningStatus: "disabled" });
});

test("a group that is gone when it is removed is what was wanted", async () => {
  await run(TWO);
  dps.beforeWrite = (id) => {
    dps.groups.delete(id);
  };
  expect(await run({ aachen: TWO.aachen }, { remove: true })).toBe(0);
});

test("warns of an authority's certificate before it ends", async () => {
  await run(TWO, { apply: false, now: new Date("2046-10-01") });
  expect(printed.join("\n")).toMatch(/aachen: the certificate in .*first\.pem ends in 50 days/);
  await run(TWO, { apply: false, now: new Date("2047-01-01") });
  expect(printed.join("\n")).toContain("has ended");
});

test.each([
  [LEAF, "no certificate of an authority"],
  ["__tests__/enrollments/certificates/none.pem", "no such file"],
  ["package.json", "is no certificate"],
])("%s is refused", async (certificate, reason) => {
  expect(await run({ aachen: signed({}, certificate) })).toBe(1);
  expect(complained.join("\n")).toContain(reason);
  expect(dps.seen).toEqual([]);
});

test("--json prints plan and result as data", async () => {
  await run(TWO, { apply: false, json: true });
  expect(JSON.parse(printed.join(""))).toMatchObject({
    steps: [{ action: "create", id: "aachen" }, { id: "essen" }],
    refusals: [],
  });
  printed.length = 0;
  await run(TWO, { json: true });
  expect(JSON.parse(printed.join(""))).toEqual({
    done: [
      { id: "aachen", action: "create" },
      { id: "essen", action: "create" },
    ],
    left: [],
  });
});

test("a configuration with everything wrong is told all of it", () => {
  const environment = environmentOf({
    Aachen: {
      attestation: { kind: "certificateAuthority", certificate: "../ca.key" },
      tags: { environment: "x", site: "a b" },
    },
    essen: { attestation: { kind: "symmetricKey" }, reprovision: "always" as "keep" },
  });
  const found = environmentProblems(organization, {
    ...environment,
    provisioning: { ...(environment.provisioning ?? { kind: "dps", enrollmentGroups: {} }), service: "Contoso_" },
  });
  expect(paths(found)).toEqual([
    "provisioning.service",
    "provisioning.enrollmentGroups.Aachen",
    "provisioning.enrollmentGroups.Aachen.attestation.certificate",
    "provisioning.enrollmentGroups.Aachen.tags.environment",
    "provisioning.enrollmentGroups.Aachen.tags.site",
    "provisioning.enrollmentGroups.essen.reprovision",
  ]);
});

test("limits of the service are refused with number and source", () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`g${index}`, signed({})]));
  const [problem] = environmentProblems(organization, environmentOf(many));
  expect(problem?.path).toBe("provisioning.enrollmentGroups");
  expect(problem?.allowed).toContain("at most 100");
  expect(problem?.allowed).toContain("https://learn.microsoft.com/azure/iot-dps/");
});
