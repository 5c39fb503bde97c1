import { CHECKS, type Endpoints, examine, type Expectations, type Report } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { type Plant, signed } from "../../packages/doctor/__tests__/support/plant";
import { expectationsFor } from "./environment";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let expected: Expectations;
let azure: AzureStandIn;
let endpoints: Endpoints;

beforeAll(() => {
  expected = expectationsFor();
});

beforeEach(async () => {
  azure = new AzureStandIn(expected);
  endpoints = await azure.start();
});

afterEach(async () => {
  await azure.stop();
});

const look = (phase: "before" | "after" | "both" = "both", given: Partial<Expectations> = {}): Promise<Report> =>
  examine({
    expected: { ...expected, ...given },
    tokenFor,
    phase,
    endpoints,
    now: azure.plant.now,
    wait: () => Promise.resolve(),
  });

const ago = (plant: Plant, milliseconds: number): string => new Date(plant.now.getTime() - milliseconds).toISOString();

/** The first element that a test may break. */
function first<T>(items: readonly T[], fits: (item: T) => boolean = () => true): T {
  const found = items.find(fits);
  if (found === undefined) {
    throw new Error("the plant has no such element");
  }
  return found;
}

interface Agent {
  lastDesiredStatus: unknown;
  $metadata: unknown;
  modules: Partial<Record<string, { runtimeStatus: string; settings: { image: string } }>>;
  systemModules: Record<string, unknown>;
}

/** What the agent of a device reports. */
const agentOf = (plant: Plant, deviceId: string): Agent =>
  first(plant.modules, (one) => one.deviceId === deviceId && one.moduleId === "$edgeAgent").properties
    .reported as unknown as Agent;

/** The detector as the agent of a device reports it. */
function detectorOf(plant: Plant, deviceId: string): { runtimeStatus: string; settings: { image: string } } {
  const { anomalyDetector } = agentOf(plant, deviceId).modules;
  if (anomalyDetector === undefined) {
    throw new Error("there is no detector");
  }
  return anomalyDetector;
}

const deploymentOf = (plant: Plant, layer: string, ring: string): Plant["deployments"][number] =>
  first(plant.deployments, ({ expected: one }) => one.layer === layer && one.ring === ring);

const without = <T>(items: T[], fits: (item: T) => boolean): void => {
  items.splice(0, items.length, ...items.filter((item) => !fits(item)));
};

interface Fault {
  readonly check: string;
  readonly subject: string | RegExp;
  readonly what: RegExp;
  /** Hours since which it is so. @default - not known */
  readonly hours?: number;
  readonly level?: "broken" | "finding";
  readonly phase?: "before" | "after" | "both";
  readonly destroy: (plant: Plant) => void;
}

/** One fault each, with the one finding that it must come to. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "a subscription that is not paid": {
    check: "subscription",
    subject: "66666666-6666-4666-8666-666666666666",
    what: /PastDue/,
    destroy: (plant) => {
      plant.subscriptionState = "PastDue";
    },
  },
  "a resource provider that nobody registered": {
    check: "provider-registration",
    subject: "Microsoft.EventGrid",
    what: /NotRegistered/,
    destroy: (plant) => {
      first([...plant.providers], ([name]) => name === "Microsoft.EventGrid")[1].state = "NotRegistered";
    },
  },
  "a region without IoT Hub": {
    check: "region",
    phase: "before",
    subject: "Microsoft.Devices/IotHubs",
    what: /westeurope does not offer it/,
    destroy: (plant) => {
      plant.providers.get("Microsoft.Devices")?.types.set("IotHubs", ["Japan East"]);
    },
  },
  "no hub left in the quota": {
    check: "quota",
    phase: "before",
    subject: "IoT hubs",
    what: /50 of 50 are used, and 1 more is needed/,
    destroy: (plant) => {
      plant.usages.hubs.used = 50;
    },
  },
  "a reader who wants to deploy": {
    check: "deployer-rights",
    phase: "before",
    subject: "signed-in identity",
    what: /may not .* more operations/,
    destroy: (plant) => {
      plant.permissions = [{ actions: ["*/read"], notActions: [] }];
    },
  },
  "a deployer who may not assign roles": {
    check: "deployer-rights",
    phase: "before",
    subject: "signed-in identity",
    what: /Microsoft\.Authorization\/roleAssignments\/(write|delete)/,
    destroy: (plant) => {
      plant.permissions = [
        { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"] },
      ];
    },
  },
  "a name that somebody else has": {
    check: "global-name",
    phase: "before",
    subject: /^stanomalylakeprd/,
    what: /already taken/,
    destroy: (plant) => {
      const lake = first(plant.resources, ({ name }) => name.startsWith("stanomalylake"));
      without(plant.resources, (one) => one === lake);
      plant.takenNames.set(lake.name, "The storage account is already taken.");
    },
  },
  "an image that was never pushed": {
    check: "image",
    subject: "version 2026.11",
    what: /anomaly-detector@sha256:cd.* is not in the registry/,
    destroy: (plant) => {
      plant.images.delete(first([...plant.images], (name) => name.includes("sha256:cd")));
    },
  },
  "a hub that was deleted": {
    check: "hub-missing",
    subject: /^iot-anomaly-prd/,
    what: /no such hub/,
    destroy: (plant) => {
      without(plant.resources, ({ type }) => type === "Microsoft.Devices/IotHubs");
    },
  },
  "a hub that failed over and did not come back": {
    check: "hub-state",
    subject: /^iot-anomaly-prd/,
    what: /Failed/,
    destroy: (plant) => {
      plant.hub.state = "Failed";
    },
  },
  "an apply that stopped before the workbook": {
    check: "resource-missing",
    subject: /.+/,
    what: /no such Microsoft.Insights\/workbooks/,
    destroy: (plant) => {
      without(plant.resources, ({ type }) => type === "Microsoft.Insights/workbooks");
    },
  },
  "an alert rule that somebody deleted": {
    check: "resource-missing",
    subject: "device-offline",
    what: /no such Microsoft.Insights\/scheduledQueryRules/,
    destroy: (plant) => {
      without(plant.resources, ({ name }) => name === "device-offline");
      without(plant.alertRules, ({ name }) => name === "device-offline");
    },
  },
  "a route that is gone": {
    check: "route",
    subject: "anomalies-to-lake",
    what: /no such route/,
    destroy: (plant) => {
      without(plant.hub.routes, ({ name }) => name === "anomalies-to-lake");
    },
  },
  "a route that was switched off": {
    check: "route",
    subject: "all-to-events",
    what: /disabled/,
    destroy: (plant) => {
      first(plant.hub.routes, ({ name }) => name === "all-to-events").isEnabled = false;
    },
  },
  "an endpoint that lost its role": {
    check: "endpoint-health",
    subject: "lake-telemetry",
    what: /unhealthy: .*not authorized/,
    hours: 5,
    destroy: (plant) => {
      Object.assign(
        first(plant.hub.health, ({ endpointId }) => endpointId === "lake-telemetry"),
        {
          healthStatus: "unhealthy",
          lastKnownError: "This request is not authorized",
          lastSuccessfulSendAttemptTime: ago(plant, 5 * HOUR),
        },
      );
    },
  },
  "connected devices that send nothing": {
    check: "no-messages",
    subject: /^iot-anomaly-prd/,
    what: /no message has come for a day/,
    destroy: (plant) => {
      plant.hub.totals["d2c.telemetry.ingress.success"] = 0;
    },
  },
  "messages that a broken route drops": {
    check: "dropped-messages",
    subject: /^iot-anomaly-prd/,
    what: /17 messages were dropped/,
    destroy: (plant) => {
      plant.hub.totals["d2c.telemetry.egress.invalid"] = 17;
    },
  },
  "a hub that is too small": {
    check: "throttled",
    level: "finding",
    subject: /^iot-anomaly-prd/,
    what: /95 % of the day's 800000 messages/,
    destroy: (plant) => {
      plant.hub.quotaUsed = 760_000;
    },
  },
  "a hub that throttles": {
    check: "throttled",
    level: "finding",
    subject: /^iot-anomaly-prd/,
    what: /300 messages were throttled/,
    destroy: (plant) => {
      plant.hub.totals["d2c.telemetry.ingress.sendThrottle"] = 300;
    },
  },
  "a lake that nothing reaches": {
    check: "lake-stale",
    subject: /telemetry-data$/,
    what: /no message was written/,
    hours: 9,
    destroy: (plant) => {
      plant.lake.set("telemetry-data", ago(plant, 9 * HOUR));
    },
  },
  "a registry token that ends in a week": {
    check: "registry-token",
    level: "finding",
    subject: "edge-devices",
    what: /ends on 2026-12-02, in 7 days/,
    destroy: (plant) => {
      first(plant.tokens).expiries = [ago(plant, -7 * DAY)];
    },
  },
  "a registry token that ended": {
    check: "registry-token",
    subject: "edge-devices",
    what: /ended on 2026-11-24/,
    destroy: (plant) => {
      first(plant.tokens).expiries = [ago(plant, DAY)];
    },
  },
  "a registry token that was disabled": {
    check: "registry-token",
    subject: "edge-devices",
    what: /disabled/,
    destroy: (plant) => {
      first(plant.tokens).status = "disabled";
    },
  },
  "a secret that ends": {
    check: "vault-secret",
    level: "finding",
    subject: /^kv[\w-]+\/historian$/,
    what: /^the secret ends on 2026-12-0\d, in \d+ days$/,
    destroy: (plant) => {
      plant.secrets.push({
        name: "historian",
        enabled: true,
        exp: Math.floor(Date.parse(ago(plant, -9 * DAY)) / 1000),
      });
    },
  },
  "a certificate authority that ends": {
    check: "certificate",
    level: "finding",
    subject: "factory-ca",
    what: /ends on 2026-12-05/,
    destroy: (plant) => {
      first(plant.hub.certificates).properties.expiry = ago(plant, -10 * DAY);
    },
  },
  "a device that was deleted": {
    check: "device-missing",
    subject: "aachen-press-02",
    what: /no such device/,
    destroy: (plant) => {
      without(plant.devices, ({ deviceId }) => deviceId === "aachen-press-02");
      without(plant.modules, ({ deviceId }) => deviceId === "aachen-press-02");
    },
  },
  "a device that lost its tags": {
    check: "device-missing",
    subject: "aachen-press-02",
    what: /tag environment = prod/,
    destroy: (plant) => {
      first(plant.devices, ({ deviceId }) => deviceId === "aachen-press-02").tags = {};
      without(plant.modules, ({ deviceId }) => deviceId === "aachen-press-02");
    },
  },
  "a device that somebody disabled": {
    check: "device-disabled",
    subject: "aachen-press-01",
    what: /disabled in the hub/,
    destroy: (plant) => {
      Object.assign(first(plant.devices), {
        status: "disabled",
        connectionState: "Disconnected",
        lastActivityTime: ago(plant, 5 * HOUR),
      });
    },
  },
  "a device without power": {
    check: "device-silent",
    subject: "essen-mill-01",
    what: /not connected/,
    hours: 26,
    destroy: (plant) => {
      Object.assign(
        first(plant.devices, ({ deviceId }) => deviceId === "essen-mill-01"),
        { connectionState: "Disconnected", lastActivityTime: ago(plant, 26 * HOUR) },
      );
      // What it reported last is old.
      detectorOf(plant, "essen-mill-01").runtimeStatus = "unknown";
    },
  },
  "a device that never connected": {
    check: "device-silent",
    subject: "essen-mill-01",
    what: /never connected/,
    destroy: (plant) => {
      Object.assign(
        first(plant.devices, ({ deviceId }) => deviceId === "essen-mill-01"),
        { connectionState: "Disconnected", lastActivityTime: "0001-01-01T00:00:00Z" },
      );
    },
  },
  "a deployment that somebody deleted": {
    check: "deployment-missing",
    subject: "detector in ring fleet",
    what: /no deployment detector-fleet-[0-9a-f]{10}/,
    destroy: (plant) => {
      without(plant.deployments, (one) => one === deploymentOf(plant, "detector", "fleet"));
    },
  },
  "a target condition that somebody edited": {
    check: "deployment-targets",
    subject: "base in ring fleet",
    what: /condition is tags\.site = 'aachen', not tags\.environment/,
    destroy: (plant) => {
      deploymentOf(plant, "base", "fleet").targetCondition = "tags.site = 'aachen'";
    },
  },
  "a device whose ring's tag is wrong": {
    check: "deployment-targets",
    subject: "detector in ring canary",
    what: /targets 0 devices, and the configuration has 1/,
    destroy: (plant) => {
      const { id } = deploymentOf(plant, "detector", "canary");
      for (const { configurations } of plant.modules) Reflect.deleteProperty(configurations, id);
    },
  },
  "a roll-out that stands still": {
    check: "deployment-applied",
    level: "finding",
    subject: "detector in ring fleet",
    what: /1 connected devices have not applied version 2026\.10/,
    hours: 720,
    destroy: (plant) => {
      const { id } = deploymentOf(plant, "detector", "fleet");
      first(
        plant.modules,
        ({ deviceId, moduleId }) => deviceId === "aachen-press-02" && moduleId === "$edgeAgent",
      ).configurations[id] = { status: "Targeted" };
    },
  },
  "an agent that cannot pull an image": {
    check: "deployment-failed",
    subject: "aachen-press-02",
    what: /could not carry out the deployment.*: image not found/,
    hours: 2,
    destroy: (plant) => {
      const agent = agentOf(plant, "aachen-press-02");
      agent.lastDesiredStatus = { code: 406, description: "image not found" };
      agent.$metadata = { lastDesiredStatus: { $lastUpdated: ago(plant, 2 * HOUR) } };
      delete agent.modules.anomalyDetector;
    },
  },
  "a module that keeps falling over": {
    check: "module-status",
    subject: "aachen-press-01/anomalyDetector",
    what: /backoff/,
    destroy: (plant) => {
      detectorOf(plant, "aachen-press-01").runtimeStatus = "backoff";
    },
  },
  "an edge hub that is not there": {
    check: "module-status",
    subject: "aachen-press-01/edgeHub",
    what: /is not there/,
    destroy: (plant) => {
      delete agentOf(plant, "aachen-press-01").systemModules.edgeHub;
    },
  },
  "a module of another version": {
    check: "module-version",
    level: "finding",
    subject: "aachen-press-01/anomalyDetector",
    what: /runs elsewhere\/anomaly-detector:9, not /,
    destroy: (plant) => {
      detectorOf(plant, "aachen-press-01").settings.image = "elsewhere/anomaly-detector:9";
    },
  },
  "a detector that refuses its configuration": {
    check: "detector-configuration",
    subject: "essen-gateway",
    what: /refused its configuration: signals is empty/,
    hours: 4,
    destroy: (plant) => {
      first(
        plant.modules,
        ({ deviceId, moduleId }) => deviceId === "essen-gateway" && moduleId === "anomalyDetector",
      ).properties.reported = {
        configuration: { status: "refused", mistakes: "signals is empty" },
        $metadata: { configuration: { $lastUpdated: ago(plant, 4 * HOUR) } },
      };
    },
  },
  "a detector that fell back from its model": {
    check: "detector-configuration",
    subject: "essen-gateway",
    what: /fell back from its model: too slow/,
    destroy: (plant) => {
      first(
        plant.modules,
        ({ deviceId, moduleId }) => deviceId === "essen-gateway" && moduleId === "anomalyDetector",
      ).properties.reported = {
        configuration: { status: "applied" },
        model: { status: "fellBack", reason: "too slow" },
      };
    },
  },
  "a machine that is unlike what its model was trained on": {
    check: "model-drift",
    subject: "essen-gateway",
    what: /machines have drifted: mill-1: power 0.41/,
    level: "finding",
    destroy: (plant) => {
      first(
        plant.modules,
        ({ deviceId, moduleId }) => deviceId === "essen-gateway" && moduleId === "anomalyDetector",
      ).properties.reported = {
        configuration: { status: "applied" },
        modelWatch: { drift: { status: "drifted", worst: "mill-1: power 0.41" } },
      };
    },
  },
  "a package link that ended": {
    check: "package-link",
    subject: "stream-analytics in ring fleet",
    what: /the link ended on 2026-11-24/,
    level: "broken",
    destroy: (plant) => {
      deploymentOf(plant, "stream-analytics", "fleet").content = signed(ago(plant, DAY));
    },
  },
  "an alert rule that is off": {
    check: "alert-disabled",
    subject: "routing-failures",
    what: /disabled/,
    destroy: (plant) => {
      first(plant.alertRules, ({ name }) => name === "routing-failures").enabled = false;
    },
  },
  "a receiver who unsubscribed": {
    check: "alert-receivers",
    subject: "control-room",
    what: /gets no mail/,
    destroy: (plant) => {
      first(plant.actionGroup.receivers).status = "Disabled";
    },
  },
  "an alert rule that tells nobody": {
    check: "alert-receivers",
    subject: "machine-anomalies",
    what: /tells nobody/,
    destroy: (plant) => {
      first(plant.alertRules, ({ name }) => name === "machine-anomalies").tells = [];
    },
  },
  "an alert that is open for days": {
    check: "alert-always",
    level: "finding",
    subject: "anomalies-delivered",
    what: /open/,
    hours: 72,
    destroy: (plant) => {
      plant.fired.push({ rule: "anomalies-delivered", since: ago(plant, 72 * HOUR), condition: "Fired" });
    },
  },
  "an alert storm": {
    check: "alert-always",
    level: "finding",
    subject: "machine-anomalies",
    what: /fired 61 times/,
    hours: 63,
    destroy: (plant) => {
      for (let hour = 4; hour < 64; hour += 1)
        plant.fired.push({ rule: "machine-anomalies", since: ago(plant, hour * HOUR), condition: "Resolved" });
    },
  },
  "an alert that can only fire": {
    check: "alert-always",
    level: "finding",
    subject: "devices-disconnected",
    what: /wants 9 connected devices, and the hub has 4/,
    destroy: (plant) => {
      first(plant.alertRules, ({ name }) => name === "devices-disconnected").threshold = 9;
      plant.fired.push({ rule: "devices-disconnected", since: ago(plant, 50 * HOUR), condition: "Fired" });
    },
  },
  "an alert whose log is not sent": {
    check: "alert-never",
    subject: "log Connections",
    what: /never fire/,
    destroy: (plant) => {
      without(plant.hub.categories, (name) => name === "Connections");
    },
  },
  "a workflow that was switched off": {
    check: "anomaly-feed",
    subject: "logic-anomaly-feed",
    what: /Disabled/,
    destroy: (plant) => {
      plant.workflow.state = "Disabled";
      plant.lastLogged = ago(plant, 9 * DAY);
    },
  },
  "a workflow whose role is gone": {
    check: "anomaly-feed",
    subject: "logic-anomaly-feed",
    what: /failed/,
    hours: 1,
    destroy: (plant) => {
      plant.workflow.failedAt.push(ago(plant, HOUR));
    },
  },
  "events that were given up": {
    check: "dead-letters",
    subject: "evgt-iot-hub",
    what: /12 events were given up/,
    destroy: (plant) => {
      plant.topic.DroppedEventCount = 12;
    },
  },
  "a queue of work orders that was deleted": {
    check: "work-order-queue",
    subject: "work-orders",
    what: /no such queue/,
    destroy: (plant) => {
      plant.queue = undefined;
    },
  },
  "a queue of work orders that was switched off": {
    check: "work-order-queue",
    subject: "work-orders",
    what: /the queue is SendDisabled/,
    destroy: (plant) => {
      plant.queue = { status: "SendDisabled", waiting: 0, deadLetters: 0 };
    },
  },
  "an event subscription that was deleted": {
    check: "work-order-queue",
    subject: "evgt-iot-hub/episodes-to-work-orders",
    what: /no such event subscription/,
    destroy: (plant) => {
      plant.subscription = undefined;
    },
  },
  "an event subscription that failed": {
    check: "work-order-queue",
    subject: "evgt-iot-hub/episodes-to-work-orders",
    what: /is Failed/,
    destroy: (plant) => {
      plant.subscription = "Failed";
    },
  },
  "orders that were refused": {
    check: "work-order-dead-letters",
    level: "finding",
    subject: "work-orders",
    what: /3 dead letters/,
    destroy: (plant) => {
      plant.queue = { status: "Active", waiting: 0, deadLetters: 3 };
    },
  },
  "orders that nobody fetches": {
    check: "work-orders-waiting",
    level: "finding",
    subject: "work-orders",
    what: /412 messages wait/,
    destroy: (plant) => {
      plant.queue = { status: "Active", waiting: 412, deadLetters: 0 };
    },
  },
  "anomalies that reach the lake alone": {
    check: "anomaly-lag",
    subject: "Anomalies_CL",
    what: /the lake has an anomaly of 2026-11-25 09:00 UTC, and the logs have none since/,
    hours: 30,
    destroy: (plant) => {
      plant.lastLogged = ago(plant, 30 * HOUR);
    },
  },
  "a month that became too dear": {
    check: "budget",
    level: "finding",
    subject: "budget-anomaly-prd",
    what: /950 EUR of 900 EUR are spent/,
    destroy: (plant) => {
      plant.budget.spent = 950;
    },
  },
};

it("says nothing of a healthy environment", async () => {
  const report = await look();
  expect(report).toMatchObject({ verdict: "healthy", findings: [], notChecked: [], deployed: true });
  expect(report.facts).toContainEqual({ what: "devices connected", value: "4 of 4" });
  expect(report.facts).toContainEqual({ what: "last anomaly in the lake", value: "3 h ago" });
});

it("says nothing before a first deployment for which everything is there", async () => {
  azure.isDeployed = false;
  expect(await look()).toMatchObject({ verdict: "healthy", findings: [], notChecked: [], deployed: false });
});

describe.each(Object.entries(FAULTS))("%s", (_name, fault) => {
  it(`is ${fault.check}, and nothing else`, async () => {
    fault.destroy(azure.plant);
    const { findings, notChecked, verdict } = await look(fault.phase);
    expect(notChecked).toEqual([]);
    expect(findings).toEqual([
      expect.objectContaining({
        check: fault.check,
        level: fault.level ?? "broken",
        subject: expect.stringMatching(
          fault.subject instanceof RegExp ? fault.subject : new RegExp(`^${fault.subject}$`),
        ),
        what: expect.stringMatching(fault.what),
      }),
    ]);
    expect(verdict).toBe((fault.level ?? "broken") === "broken" ? "broken" : "findings");
    const hours =
      findings[0]?.since === undefined ? undefined : (azure.plant.now.getTime() - Date.parse(findings[0].since)) / HOUR;
    expect(hours).toBe(fault.hours);
  });
});

it("names a model that cannot be fetched by its place", async () => {
  const uri = `${endpoints.arm}/models/gone.onnx?sig=secret`;
  const { findings } = await look("both", { models: [{ version: "2026.11", uri }] });
  expect(findings).toEqual([
    expect.objectContaining({
      check: "model",
      subject: "version 2026.11",
      what: expect.stringMatching(/gone\.onnx: status 400/),
    }),
  ]);
  expect(JSON.stringify(findings)).not.toContain("secret");
});

it("calls an environment that is not there broken where it must be", async () => {
  azure.isDeployed = false;
  expect((await look("after")).findings).toEqual([expect.objectContaining({ check: "environment-missing" })]);
});

it("recovers a deleted vault of its own instead of calling its name taken", async () => {
  azure.isDeployed = false;
  azure.plant.takenNames.set(first(expected.globalNames, ({ name }) => name.startsWith("kv-")).name, "deleted");
  expect((await look()).findings).toEqual([]);
});

it("does not show the signature of a package link", async () => {
  deploymentOf(azure.plant, "stream-analytics", "fleet").content = signed(ago(azure.plant, DAY));
  expect(JSON.stringify(await look())).not.toMatch(/sig=/);
});

it("expects plain data, which a file keeps whole", () => {
  expect(JSON.parse(JSON.stringify(expected))).toStrictEqual(expected);
});

it("breaks every check that reads Azure at least once", () => {
  const tested = new Set([...Object.values(FAULTS).map(({ check }) => check), "model", "environment-missing"]);
  expect(
    CHECKS.filter(({ needs }) => needs.length > 0)
      .map(({ id }) => id)
      .filter((id) => !tested.has(id)),
  ).toEqual([]);
  expect(Object.keys(FAULTS).length).toBeGreaterThan(30);
});
