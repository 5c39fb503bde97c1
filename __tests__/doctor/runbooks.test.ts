import { readFileSync } from "node:fs";
import { type Endpoints, examine, type Expectations, type Report } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { healthyPlant, type Plant, signed } from "../../packages/doctor/__tests__/support/plant";
import { expectationsFor, plant as environment } from "./environment";

const HOUR = 3_600_000;

interface Runbook {
  /** What happened. */
  readonly happens: (plant: Plant) => void;
  /** Checks that lead to the runbook. */
  readonly checks: readonly string[];
  /** What its steps come to; what Azure holds then. */
  readonly steps: (plant: Plant) => void;
  /** What its steps change in the configuration. @default - nothing */
  readonly expected?: () => Expectations;
}

const silence = (plant: Plant, deviceId: string): void => {
  const since = new Date(plant.now.getTime() - 30 * HOUR).toISOString();
  for (const device of plant.devices) {
    if (device.deviceId === deviceId)
      Object.assign(device, { connectionState: "Disconnected", lastActivityTime: since });
  }
};

const reconnect = (plant: Plant): void => {
  for (const device of plant.devices) device.connectionState = "Connected";
};

/** What a deployment makes again: everything that Terraform owns is as the configuration has it. */
const deploy = (plant: Plant): void => {
  Object.assign(plant, healthyPlant(expectationsFor(), plant.now));
};

const retired = {
  ...environment,
  edge: {
    ...environment.edge,
    devices: (environment.edge?.devices ?? []).filter(({ tags }) => tags?.site !== "essen"),
  },
  alerts: { ...environment.alerts, minimumConnectedDevices: 2 },
} as typeof environment;

const RUNBOOKS: Readonly<Record<string, Runbook>> = {
  "Device silent": {
    happens: (plant) => {
      silence(plant, "essen-mill-01");
    },
    checks: ["device-silent"],
    steps: reconnect,
  },
  "Alert storm": {
    happens: (plant) => {
      plant.fired = Array.from({ length: 80 }, (_, hour) => ({
        rule: "machine-anomalies",
        since: new Date(plant.now.getTime() - (hour + 1) * HOUR).toISOString(),
        condition: "Resolved" as const,
      }));
    },
    checks: ["alert-always"],
    // A week later.
    steps: (plant) => {
      plant.fired = [];
    },
  },
  "Failed apply": {
    happens: (plant) => {
      plant.resources = plant.resources.filter(({ type }) => type !== "Microsoft.EventGrid/systemTopics");
      plant.deployments = plant.deployments.filter(({ expected }) => expected.layer !== "stream-analytics");
    },
    checks: ["deployment-missing", "resource-missing"],
    steps: deploy,
  },
  "Retire a site": {
    happens: (plant) => {
      silence(plant, "essen-gateway");
      silence(plant, "essen-mill-01");
    },
    checks: ["device-silent"],
    steps: (plant) => {
      Object.assign(plant, healthyPlant(expectationsFor(retired), plant.now));
    },
    expected: () => expectationsFor(retired),
  },
  "Lost hub": {
    happens: (plant) => {
      plant.resources = plant.resources.filter(({ type }) => type !== "Microsoft.Devices/IotHubs");
    },
    checks: ["hub-missing"],
    steps: deploy,
  },
  "Restored state": {
    happens: (plant) => {
      plant.deployments = plant.deployments.filter(({ expected }) => expected.ring !== "canary");
    },
    checks: ["deployment-missing"],
    steps: deploy,
  },
  "Rotated keys": {
    happens: (plant) => {
      for (const token of plant.tokens) token.expiries = [new Date(plant.now.getTime() + 24 * HOUR).toISOString()];
      for (const one of plant.deployments) {
        if (one.expected.layer === "stream-analytics")
          one.content = signed(new Date(plant.now.getTime() - HOUR).toISOString());
      }
    },
    checks: ["package-link", "registry-token"],
    steps: deploy,
  },
};

describe.each(Object.entries(RUNBOOKS))("%s", (title, { happens, checks, steps, expected }) => {
  let azure: AzureStandIn;
  let endpoints: Endpoints;
  const look = (of: Expectations): Promise<Report> =>
    examine({ expected: of, tokenFor, endpoints, now: azure.plant.now, wait: () => Promise.resolve() });

  beforeEach(async () => {
    azure = new AzureStandIn(expectationsFor());
    endpoints = await azure.start();
  });

  afterEach(async () => {
    await azure.stop();
  });

  it("is where the finding leads, and its steps end it", async () => {
    happens(azure.plant);
    const { findings } = await look(expectationsFor());
    expect([...new Set(findings.map(({ check }) => check))].sort()).toEqual(checks);
    const section =
      readFileSync("docs/doctor.md", "utf8")
        .split(/^### /m)
        .find((text) => text.startsWith(title)) ?? "";
    for (const check of checks) {
      expect(section).toContain(`\`${check}\``);
    }
    steps(azure.plant);
    expect(await look((expected ?? expectationsFor)())).toMatchObject({ verdict: "healthy", findings: [] });
  });
});
