import { type Endpoints, examine, type Expectations, type Report } from "@edge-anomaly-detection/doctor";
import { RemoteError } from "@edge-anomaly-detection/common";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { expectationsFor } from "./environment";
import { withFleet } from "./fleet";

let expected: Expectations;
let azure: AzureStandIn;
let endpoints: Endpoints;
let waited: number[];

beforeAll(() => {
  expected = expectationsFor();
});

beforeEach(async () => {
  waited = [];
  azure = new AzureStandIn(expected);
  endpoints = await azure.start();
});

afterEach(async () => {
  await azure.stop();
});

const look = (given: Partial<Parameters<typeof examine>[0]> = {}): Promise<Report> =>
  examine({
    expected,
    tokenFor,
    endpoints,
    now: azure.plant.now,
    wait: (milliseconds) => {
      waited.push(milliseconds);
      return Promise.resolve();
    },
    ...given,
  });

const HOUR = 3_600_000;

describe("a service that throttles", () => {
  it("is asked again when it says", async () => {
    azure.interruptions.push({ path: /devices\/query/, times: 3, status: 429, headers: { "Retry-After": "7" } });
    expect(await look()).toMatchObject({ verdict: "healthy" });
    expect(waited).toEqual([7000, 7000, 7000]);
  });

  it("is not asked for longer than the limit, and its checks are named", async () => {
    azure.interruptions.push({
      path: /devices\/query/,
      times: Infinity,
      status: 429,
      headers: { "Retry-After": "20" },
    });
    const report = await look({ limitSeconds: 10 });
    expect(report.verdict).toBe("findings");
    expect(report.findings).toEqual([]);
    expect(report.notChecked).toEqual([
      {
        reason: expect.stringMatching(/hub\/devices\/query gave no answer within 10 s: /),
        checks: expect.arrayContaining(["device-silent", "module-status"]),
      },
    ]);
    expect(waited).toEqual([]);
  });

  it("that is broken instead is asked five times", async () => {
    azure.interruptions.push({ path: /\/budgets\//, times: Infinity, status: 503 });
    const report = await look();
    expect(waited).toEqual([1000, 2000, 4000, 8000]);
    expect(report.notChecked).toEqual([
      { reason: expect.stringMatching(/refused with status 503/), checks: ["budget"] },
    ]);
  });
});

describe("half an answer", () => {
  const HALVES: readonly (readonly [string, RegExp, string])[] = [
    ["no JSON", /\/budgets\//, "<html>proxy</html>"],
    ["cut JSON", /routingEndpointsHealth/, '{"value": [{"endpointId": "events"'],
    ["no list of alerts", /AlertsManagement/, '{"error": null}'],
    ["no list of devices", /devices\/query/, '{"Message": "later"}'],
    ["no deployments", /hub\/configurations/, "null"],
    ["no state of the hub", /IotHubs\/[\w-]+$/, '{"properties": {}}'],
    ["no tables", /\/logs\//, "{}"],
    ["no folders", /\/lake\/telemetry/, "{}"],
    ["no resources", /\/resources$/, "{}"],
  ];
  it.each(HALVES)("with %s passes for nothing", async (_name, path, text) => {
    azure.interruptions.push({ path, times: Infinity, status: 200, text });
    const report = await look();
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe("findings");
    expect(report.notChecked.flatMap(({ checks }) => checks).length).toBeGreaterThan(0);
    for (const { reason } of report.notChecked) {
      expect(reason).toMatch(/is not JSON|has no /);
      expect(reason).not.toContain("\n");
    }
  });
});

it("does not follow a next page to another host", async () => {
  azure.interruptions.push({
    path: /\/resources$/,
    times: 1,
    status: 200,
    text: JSON.stringify({ value: azure.plant.resources, nextLink: "https://attacker.example/page" }),
  });
  expect(await look()).toMatchObject({ verdict: "healthy" });
});

it("names what somebody may not read, and goes on with the rest", async () => {
  azure.interruptions.push({
    path: /\/hub\//,
    times: Infinity,
    status: 403,
    text: JSON.stringify({ Message: "ErrorCode:IotHubUnauthorizedAccess;Unauthorized" }),
  });
  azure.plant.budget.spent = 2000;
  const report = await look();
  expect(report.findings.map(({ check }) => check)).toEqual(["budget"]);
  expect(report.notChecked.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /status 403: ErrorCode:IotHubUnauthorizedAccess;Unauthorized: sign in as somebody who may read it/,
      ),
    ]),
  );
  expect(report.notChecked.flatMap(({ checks }) => checks)).toContain("device-silent");
});

it("says once that nobody is signed in, and does the checks that need nobody", async () => {
  const report = await look({
    tokenFor: () => Promise.reject(new RemoteError("nobody is signed in to Azure", "az login")),
    expected: {
      ...expected,
      configuration: [{ check: "placeholder", subject: "environments/prod.ts", what: "x: example.com" }],
    },
  });
  expect(report.notChecked).toEqual([{ reason: "nobody is signed in to Azure: az login", checks: expect.any(Array) }]);
  expect(report.findings.map(({ check }) => check)).toEqual(["placeholder"]);
  expect(azure.received).toEqual([]);
});

it("says that a service cannot be reached", async () => {
  const report = await look({ endpoints: { ...endpoints, logs: "http://127.0.0.1:1" } });
  expect(report.notChecked).toEqual([
    { reason: expect.stringMatching(/127\.0\.0\.1:1 cannot be reached/), checks: ["anomaly-lag"] },
  ]);
});

it("reads only, a few at once", async () => {
  await look();
  const writes = azure.received.filter(({ method }) => method !== "GET" && method !== "HEAD").map(({ path }) => path);
  expect([...new Set(writes)].sort()).toEqual([
    "/hub/devices/query",
    expect.stringMatching(/^\/logs\/.*\/query$/),
    "/registry/oauth2/exchange",
    "/registry/oauth2/token",
  ]);
  expect(azure.mostAtOnce).toBeLessThanOrEqual(6);
});

describe("a large fleet", () => {
  const FLEET = 20_000;
  const start = async (): Promise<Expectations> => {
    await azure.stop();
    const fleet = withFleet(expected, FLEET);
    azure = new AzureStandIn(fleet);
    endpoints = await azure.start();
    return fleet;
  };
  const queries = (): number => azure.received.filter(({ path }) => path.startsWith("/hub/")).length;

  it("takes no more requests than a small one where it is healthy", async () => {
    await look();
    const small = queries();
    const fleet = await start();
    expect(await look({ expected: fleet })).toMatchObject({ verdict: "healthy" });
    expect(queries()).toBeLessThanOrEqual(small);
  });

  it("is told in one finding of each kind where much is wrong, in a bounded number of requests", async () => {
    const fleet = await start();
    const { plant } = azure;
    const since = new Date(plant.now.getTime() - 5 * HOUR).toISOString();
    plant.devices.forEach((device, index) => {
      if (index % 2 === 0) Object.assign(device, { connectionState: "Disconnected", lastActivityTime: since });
    });
    for (const { moduleId, properties } of plant.modules) {
      if (moduleId === "$edgeAgent") properties.reported.modules = {};
    }
    const { findings, requests } = await look({ expected: fleet });
    expect(findings.map(({ check }) => check)).toEqual(["device-silent", "module-status"]);
    expect(findings[0]?.what).toMatch(/^at least 3000 of 20000 are not connected: device-000000, /);
    expect(findings[0]?.since).toBe(since);
    expect(requests).toBeLessThan(120);
  });

  it("names the device that is missing", async () => {
    const fleet = await start();
    azure.plant.devices.splice(777, 1);
    const { findings } = await look({ expected: fleet });
    expect(findings).toEqual([expect.objectContaining({ check: "device-missing", subject: "device-000777" })]);
    expect(queries()).toBeLessThan(60);
  });
});
