import * as fc from "fast-check";
import { DPS_LIMITS, HUB_TIERS, rateOf } from "@edge-anomaly-detection/azure-facts";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { MAX_FLEET } from "../../environments/validation/fleet-problems";
import { fleetSize } from "../../environments/validation/fleet-size";
import { quotaWarning } from "../../environments/validation/message-volume";
import { prod } from "../../environments/prod";
import { minimal, organization } from "../support/environments";

const edge = { versions: { v: { detector: "1.0.0" } }, rings: { all: { version: "v" } } };
const quiet: EnvironmentConfig = { ...minimal, edge };
const tier = (size: ReturnType<typeof fleetSize>, name: string): (typeof size.tiers)[number] => {
  const found = size.tiers.find((one) => one.tier === name);
  if (found === undefined) {
    throw new Error(name);
  }
  return found;
};

test("counts the modules of every layer, and the runtime's", () => {
  expect(fleetSize(organization, quiet, 1).modules).toEqual([
    "$edgeAgent",
    "$edgeHub",
    "anomalyDetector",
    "asa-edge-anomaly-job",
  ]);
  const withoutAnalysers = { ...quiet, edge: { ...edge, analysers: { streamAnalytics: false } } };
  expect(fleetSize(organization, withoutAnalysers, 7)).toMatchObject({ identitiesPerDevice: 4, identities: 28 });
});

test("a million devices that send anomalies alone: identities decide about hubs of S3", () => {
  const s3 = tier(fleetSize(organization, quiet, 1_000_000), "S3");
  // 5 identities each, 200,000 devices a hub.
  expect(s3).toMatchObject({ hubs: 5, decidedBy: { hubs: "identities" } });
  expect(s3.registrationHours.dps).toBeCloseTo(1_000_000 / 1_000 / 60);
});

test("a million devices that send every message: messages decide", () => {
  const size = fleetSize(organization, prod, 1_000_000);
  // 17,280 messages, 345.6 anomalies of both analysers and 48 twin reads a device and day.
  expect(size.messagesADay).toBe(17_673_600_000);
  expect(tier(size, "S1")).toMatchObject({ hubs: 221, units: 200, decidedBy: { units: "messages a day" } });
  expect(tier(size, "S3")).toMatchObject({ hubs: 6, units: 10 });
  expect(size.dpsServices).toBe(1);
  expect(fleetSize(organization, prod, 1_000_001).dpsServices).toBe(2);
});

test("what it says fits, and one hub less would not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_FLEET }), fc.constantFrom(quiet, prod), (devices, environment) => {
      const size = fleetSize(organization, environment, devices);
      for (const { tier: name, hubs, units } of size.tiers) {
        const limits = HUB_TIERS[name];
        const fits = (count: number, unitCount: number): boolean => {
          const share = Math.ceil(devices / count);
          const messages = (size.messagesADay / devices) * share;
          return (
            share * size.identitiesPerDevice <= limits.identities.value &&
            unitCount <= limits.maxUnits.value &&
            messages <= limits.dailyMessages.value * unitCount &&
            messages / 86_400 <= rateOf(limits.sends, unitCount)
          );
        };
        expect(fits(hubs, units)).toBe(true);
        expect(units === 1 || !fits(hubs, units - 1)).toBe(true);
        expect(hubs === 1 || !fits(hubs - 1, limits.maxUnits.value)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test("hubs with few units create identities more slowly than a DPS registers", () => {
  const s1 = tier(
    fleetSize(organization, { ...quiet, edge: { ...edge, simulatedSensorSeconds: 86_400 } }, 10_000),
    "S1",
  );
  expect(s1.registrationHours.dps).toBeCloseTo(10_000 / DPS_LIMITS.registrationsAMinute.value / 60);
  expect(s1.registrationHours.hubs).toBeGreaterThan(s1.registrationHours.dps);
});

describe("fleet.devices", () => {
  const problems = (environment: EnvironmentConfig): ReturnType<typeof environmentProblems> =>
    environmentProblems(organization, environment);

  test("may be what one hub takes, and not one more", () => {
    expect(problems({ ...quiet, fleet: { devices: 200_000 } })).toEqual([]);
    const [problem, ...more] = problems({ ...quiet, fleet: { devices: 200_001 } });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ path: "fleet.devices" });
    expect(problem?.value).toBe("200,001 devices, 1,000,005 identities (5 for each device and its modules)");
    expect(problem?.allowed).toContain("at most 1,000,000 on one S1 hub");
    expect(problem?.allowed).toContain("https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling");
  });

  test("counts devices on a free hub", () => {
    const free = { ...quiet, hub: { sku: "F1" }, routing: { telemetryToLake: false } } as const;
    expect(problems({ ...free, fleet: { devices: 500 } })).toEqual([]);
    expect(problems({ ...free, fleet: { devices: 501 } }).map(({ path }) => path)).toEqual(["fleet.devices"]);
  });

  test("is not less than the devices that are listed", () => {
    const devices = [{ id: "one" }, { id: "two" }];
    expect(problems({ ...quiet, edge: { ...edge, devices }, fleet: { devices: 1 } }).map(({ path }) => path)).toEqual([
      "fleet.devices",
    ]);
  });

  test.each([0, -1, 1.5, MAX_FLEET + 1])("is no %p", (devices) => {
    expect(problems({ ...quiet, fleet: { devices } }).map(({ path }) => path)).toEqual(["fleet.devices"]);
  });

  test("counts in the estimate of messages", () => {
    expect(quotaWarning(quiet)).toBeUndefined();
    expect(quotaWarning({ ...quiet, fleet: { devices: 2_000 } })?.path).toBe("hub.units");
  });
});
