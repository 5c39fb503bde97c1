import type { Expectations, ExpectedDeployment } from "../../src/expectations";

type Properties = Record<string, unknown>;

/** A device's twin. */
export interface DeviceTwin {
  deviceId: string;
  status: string;
  connectionState: string;
  lastActivityTime: string;
  tags: Properties;
}

/** A module's twin. */
export interface ModuleTwin {
  deviceId: string;
  moduleId: string;
  configurations: Record<string, { status: string }>;
  properties: { reported: Properties };
}

/** A deployment as the hub keeps it; its counts are taken from the twins. */
export interface StoredDeployment {
  id: string;
  createdTimeUtc: string;
  targetCondition: string;
  content: Properties;
  expected: ExpectedDeployment;
}

/** Everything that the stand-in answers with; tests break it. */
export interface Plant {
  now: Date;
  subscriptionState: string;
  providers: Map<string, { state: string; types: Map<string, string[]> }>;
  usages: Record<"hubs" | "cores", { used: number; limit: number }>;
  permissions: { actions: string[]; notActions: string[] }[];
  resources: { type: string; name: string }[];
  takenNames: Map<string, string>;
  hub: {
    state: string;
    routes: { name: string; endpointNames: string[]; isEnabled: boolean }[];
    health: {
      endpointId: string;
      healthStatus: string;
      lastKnownError?: string;
      lastSuccessfulSendAttemptTime?: string;
    }[];
    certificates: { name: string; properties: { expiry: string; isVerified: boolean } }[];
    categories: string[];
    totals: Record<string, number>;
    quotaUsed: number;
  };
  devices: DeviceTwin[];
  modules: ModuleTwin[];
  deployments: StoredDeployment[];
  alertRules: {
    name: string;
    enabled: boolean;
    metric?: string;
    operator?: string;
    threshold?: number;
    tells: string[];
  }[];
  fired: { rule: string; since: string; condition: "Fired" | "Resolved" }[];
  actionGroup: { enabled: boolean; receivers: { name: string; status: string }[] };
  budget: { amount: number; spent: number; forecast: number };
  workflow: { state: string; failedAt: string[] };
  topic: Record<string, number>;
  /** Queue of work orders. */
  queue: { status: string; waiting: number; deadLetters: number } | undefined;
  subscription: string | undefined;
  lastLogged: string | undefined;
  /** Secrets of each vault: ends in seconds. */
  secrets: { name: string; enabled: boolean; exp?: number }[];
  tokens: { name: string; status: string; expiries: (string | undefined)[] }[];
  images: Set<string>;
  /** Seconds after which a probe is at each place; undefined where it gets lost. */
  probe: {
    answer: { status: number; payload: unknown } | "offline";
    logs: number | undefined;
    lake: number | undefined;
    alert: number | undefined;
  };
  /** Newest file by container. */
  lake: Map<string, string | undefined>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A plant in which everything is as expected. */
export function healthyPlant(expected: Expectations, now = new Date("2026-11-25T12:00:00Z")): Plant {
  const ago = (milliseconds: number): string => new Date(now.getTime() - milliseconds).toISOString();
  const ahead = (milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString();
  const listed = [expected, ...(expected.otherHubs ?? [])].flatMap(({ devices }) => devices);
  const deployments = expected.deployments.map((one): StoredDeployment => ({
    id: one.isPrefix ? `${one.id}0123456789` : one.id,
    createdTimeUtc: ago(30 * DAY),
    targetCondition: one.targetCondition,
    content: one.layer === "stream-analytics" ? signed(ahead(900 * DAY)) : {},
    expected: one,
  }));
  const rings = [...new Set(expected.deployments.map(({ ring }) => ring))];
  const metrics = expected.resources.filter(({ type }) => /metricAlerts|scheduledQueryRules/.test(type));
  return {
    now,
    subscriptionState: "Enabled",
    providers: new Map(
      expected.resourceProviders.map((name) => [name, { state: "Registered", types: typesOf(name, expected) }]),
    ),
    usages: { hubs: { used: 3, limit: 50 }, cores: { used: 10, limit: 100 } },
    permissions: [{ actions: ["*"], notActions: [] }],
    resources: expected.resources.map((one) => ({ ...one })),
    takenNames: new Map(),
    hub: {
      state: "Active",
      routes: Object.entries(expected.hub.routes).map(([name, endpoint]) => ({
        name,
        endpointNames: [endpoint],
        isEnabled: true,
      })),
      health: ["events", ...expected.hub.endpoints].map((endpointId) => ({ endpointId, healthStatus: "healthy" })),
      certificates: [{ name: "factory-ca", properties: { expiry: ahead(400 * DAY), isVerified: true } }],
      categories: [...expected.hub.logCategories],
      totals: { "d2c.telemetry.ingress.success": 86_400 },
      quotaUsed: 90_000,
    },
    devices: listed.map(({ id, ring, enabled }) => ({
      deviceId: id,
      status: enabled ? "enabled" : "disabled",
      connectionState: enabled ? "Connected" : "Disconnected",
      lastActivityTime: ago(20_000),
      tags: { environment: expected.environment, ...(ring !== undefined && { ring }) },
    })),
    modules: rings.flatMap((ring) => {
      const own = deployments.filter((one) => one.expected.ring === ring);
      const devices = listed.filter((one) => one.ring === ring);
      // Whether a device is a gateway stands in its tags; here the last devices of a ring are.
      const gateways = own.find((one) => one.expected.layer === "gateway")?.expected.devices ?? 0;
      return devices.flatMap(({ id }, index) => modulesOf(id, index >= devices.length - gateways, own, expected));
    }),
    deployments,
    alertRules: metrics.map(({ name }) => ({
      name,
      enabled: true,
      tells: [
        `/subscriptions/x/resourceGroups/x/providers/Microsoft.Insights/actionGroups/${expected.alerts.actionGroup}`,
      ],
      ...(name === "devices-disconnected" && {
        metric: "connectedDeviceCount",
        operator: "LessThan",
        threshold: expected.alerts.minimumConnectedDevices,
      }),
    })),
    fired: [{ rule: "machine-anomalies", since: ago(3 * HOUR), condition: "Resolved" }],
    actionGroup: { enabled: true, receivers: [{ name: "control-room", status: "Enabled" }] },
    budget: { amount: 900, spent: 310, forecast: 720 },
    workflow: { state: "Enabled", failedAt: [] },
    topic: { DroppedEventCount: 0, DeadLetteredCount: 0 },
    queue: { status: "Active", waiting: 2, deadLetters: 0 },
    subscription: "Succeeded",
    lastLogged: ago(3 * HOUR),
    secrets: [
      { name: "device-aachen-press-01", enabled: true },
      { name: "old", enabled: false, exp: 1 },
    ],
    tokens: expected.registry.tokens.map((name) => ({ name, status: "enabled", expiries: [ahead(200 * DAY)] })),
    images: new Set(expected.registry.images.map(({ repository, reference }) => `${repository}/${reference}`)),
    probe: { answer: { status: 200, payload: { takenAfterSeconds: 0.012 } }, logs: 40, lake: 70, alert: 400 },
    lake: new Map([
      [expected.lake.anomalies, ago(3 * HOUR)],
      ...(expected.lake.telemetry === undefined ? [] : ([[expected.lake.telemetry, ago(60_000)]] as const)),
    ]),
  };
}

/** A deployment's content with a link that ends. */
export const signed = (end: string): Properties => ({
  modulesContent: {
    job: {
      "properties.desired": {
        ASAJobResourceInfo: `https://account.blob.core.windows.net/c/p?sv=1&se=${encodeURIComponent(end)}&sig=abc`,
      },
    },
  },
});

function typesOf(namespace: string, expected: Expectations): Map<string, string[]> {
  const own = expected.resources.filter(({ type }) => type.toLowerCase().startsWith(`${namespace.toLowerCase()}/`));
  return new Map(own.map(({ type }) => [type.slice(namespace.length + 1), ["West Europe", "Germany West Central"]]));
}

/** Module twins of a device: its agent, which reports what its deployments ask for, and its detector. */
function modulesOf(
  deviceId: string,
  isGateway: boolean,
  deployments: readonly StoredDeployment[],
  expected: Expectations,
): ModuleTwin[] {
  const gateways = deployments.find((one) => one.expected.layer === "gateway")?.expected.devices ?? 0;
  const applied = deployments.filter(({ expected: one }) =>
    one.layer === "gateway" ? isGateway : one.layer === "base" ? !isGateway || gateways === 0 : true,
  );
  const images = Object.assign({}, ...applied.map((one) => one.expected.modules)) as Record<string, string | null>;
  const state = (image: string | null): Properties => ({
    runtimeStatus: "running",
    settings: { image: image ?? "registry.example/job:1" },
  });
  const entries = Object.entries(images);
  const detector = expected.detectorModule;
  return [
    {
      deviceId,
      moduleId: "$edgeAgent",
      configurations: Object.fromEntries(applied.map(({ id }) => [id, { status: "Applied" }])),
      properties: {
        reported: {
          lastDesiredStatus: { code: 200, description: "" },
          systemModules: Object.fromEntries(
            entries.filter(([name]) => name.startsWith("$")).map(([name, image]) => [name.slice(1), state(image)]),
          ),
          modules: Object.fromEntries(
            entries.filter(([name]) => !name.startsWith("$")).map(([name, image]) => [name, state(image)]),
          ),
        },
      },
    },
    ...(detector === undefined
      ? []
      : [
          {
            deviceId,
            moduleId: detector,
            configurations: {},
            properties: { reported: { configuration: { status: "applied" }, model: { status: "none" } } },
          },
        ]),
  ];
}
