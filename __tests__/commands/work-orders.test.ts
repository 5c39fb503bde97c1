import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ServiceBusQueue } from "@edge-anomaly-detection/maintenance";
import { environmentProblems } from "../../environments/validation/environment-problems";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { workOrders, type WorkOrderSurroundings } from "../../stacks/commands/work-orders";
import { MockErp } from "../../packages/maintenance/__tests__/support/erp";
import { MockSap } from "../../packages/maintenance/__tests__/support/sap";
import type { MaintenanceSettings } from "../../constructs/maintenance/maintenance-settings";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";

const QUEUE = "https://sb-plant.servicebus.windows.net/maintenance";
const environment: EnvironmentConfig = {
  ...minimal,
  maintenance: {
    minimumSeverity: "warning",
    machines: { "press-1": { planningPlant: "1010", workCentre: "MECH", criticality: "A", equipment: "10004711" } },
  },
};
const { printed, complained } = listenToConsole();

/** A Service Bus queue's REST interface, with messages that are locked and deleted. */
class QueueStandIn {
  public readonly messages: string[] = [];
  public readonly refused: string[] = [];
  private readonly locked = new Map<string, string>();
  private readonly server: Server;
  private count = 0;

  public constructor() {
    this.server = createServer((request, response) => {
      const { method, url = "", headers } = request;
      if (headers.authorization !== "Bearer token of https://servicebus.azure.net/.default") {
        this.refused.push(url);
        response.writeHead(401).end();
      } else if (method === "POST" && url.startsWith("/maintenance/messages/head?timeout=")) {
        const body = this.messages.shift();
        const lock = `/maintenance/messages/${(this.count += 1)}/lock-${this.count}`;
        if (body === undefined) {
          response.writeHead(204).end();
          return;
        }
        this.locked.set(lock, body);
        response.writeHead(201, { Location: `${this.address}${lock}`, BrokerProperties: "{}" }).end(body);
      } else if (method === "DELETE" && this.locked.delete(url)) {
        response.writeHead(200).end();
      } else {
        response.writeHead(404).end();
      }
    });
  }

  public get lockedCount(): number {
    return this.locked.size;
  }

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

let erp: MockErp;
let url: string;
let queue: QueueStandIn;
let around: WorkOrderSurroundings;

beforeEach(async () => {
  erp = new MockErp();
  url = await erp.start();
  queue = new QueueStandIn();
  await queue.start();
  around = {
    organization,
    environments: [environment],
    variables: {},
    tokenFor: (scope) => Promise.resolve(scope === "api://erp/.default" ? erp.token : `token of ${scope}`),
    queueAt: () =>
      new ServiceBusQueue({
        url: `${queue.address}/maintenance`,
        tokenFor: (scope) => Promise.resolve(`token of ${scope}`),
      }),
    wait: () => Promise.resolve(),
    now: () => new Date("2026-11-25T12:00:00Z"),
  };
});

afterEach(async () => {
  await queue.stop();
  await erp.stop();
});

const alert = (phase: string): string =>
  JSON.stringify({
    topic: "hub",
    eventTime: "2026-11-25T06:00:00Z",
    data: {
      systemProperties: { "iothub-connection-device-id": "device-1" },
      body: {
        episodeId: "e1",
        phase,
        machineId: "press-1",
        kind: "drift",
        severity: "warning",
        eventTime: "2026-11-25T06:00:00Z",
      },
    },
  });
const run = (...more: string[]): Promise<number> =>
  workOrders(["test", "--queue", QUEUE, "--webhook", url, "--scope", "api://erp/.default", ...more], around);

it("empties the queue into orders, with the machine's record and a window", async () => {
  queue.messages.push(alert("opened"), alert("opened"), alert("closed"));
  expect(await run()).toBe(0);
  expect(printed).toEqual([
    "press-1 e1: seen, an order was created",
    "press-1 e1: seen, known already",
    "press-1 e1: over, its order was completed",
    "3 messages: 1 created, 1 completed, 0 wait",
  ]);
  expect([erp.orders.map(({ status }) => status), queue.lockedCount]).toEqual([["completed"], 0]);
  const properties = erp.events[0]?.data.WorkAlert.WorkAlertProperty ?? [];
  expect(Object.fromEntries(properties.map(({ ID, Value }) => [ID, Value]))).toMatchObject({
    Equipment: "10004711",
    PlanningPlant: "1010",
    WorkCentre: "MECH",
    RequestedStart: "2026-11-25T06:00:00.000Z",
    // 72 h for a warning, half of it for criticality A, half of that for a drift.
    RequestedEnd: "2026-11-26T00:00:00.000Z",
  });
});

it("leaves messages locked where the system is away, and says so", async () => {
  queue.messages.push(alert("opened"));
  erp.isDown = true;
  expect(await run("--json")).toBe(2);
  expect(JSON.parse(printed.join("\n"))).toMatchObject({
    messages: 0,
    problem: expect.stringMatching(/cannot be reached/),
  });
  expect(queue.lockedCount).toBe(1);
});

it("says what the system refuses for good and why, leaves it in the queue, and goes on", async () => {
  queue.messages.push(alert("opened"), alert("opened").replace("e1", "e2"));
  erp.refused.add("e1");
  expect(await run()).toBe(2);
  expect(complained.join("\n")).toMatch(/^press-1 e1: POST .* status 422: .*unknown equipment/);
  expect(printed.at(-1)).toBe("2 messages: 1 created, 0 completed, 0 wait, 1 refused");
  expect(queue.lockedCount).toBe(1);
});

it("says which role is missing", async () => {
  around = {
    ...around,
    queueAt: () => new ServiceBusQueue({ url: `${queue.address}/maintenance`, tokenFor: () => Promise.resolve("x") }),
  };
  expect(await run()).toBe(2);
  expect(complained.join("\n")).toContain("Azure Service Bus Data Receiver");
});

it.each([
  [["test", "--queue", QUEUE], "--webhook is an address"],
  [["test", "--queue", "sb-plant", "--webhook", "https://erp.example"], "--queue is https://"],
  [["test", "--queue", QUEUE, "--webhook", "http://erp.example"], "https unless it is on this machine"],
  [["prod", "--queue", QUEUE, "--webhook", "https://erp.example"], "name one of the environments test"],
])("refuses %j", async (args, reason) => {
  expect(await workOrders(args, around)).toBe(1);
  expect(complained.join("\n")).toContain(reason);
});

describe("systems of the environment", () => {
  const receivers = {
    scheduler: { objectId: "77777777-7777-4777-8777-777777777777", type: "ServicePrincipal" },
  } as const;
  let sap: MockSap;

  beforeEach(async () => {
    sap = new MockSap();
    const address = await sap.start();
    const maintenance: MaintenanceSettings = {
      minimumSeverity: "warning",
      systems: {
        "plant-sap": { kind: "sap", url: address, client: "100" },
        other: { kind: "webhook", url, scope: "api://erp/.default" },
      },
      sites: { aachen: "plant-sap" },
      defaultSystem: "other",
      queue: { receivers },
    };
    const edge = { devices: [{ id: "device-1", tags: { site: "aachen" } }], versions: {}, rings: {} };
    around = {
      ...around,
      environments: [{ ...minimal, maintenance, edge }],
      variables: { WORK_ORDERS_PLANT_SAP_USER: "planner", WORK_ORDERS_PLANT_SAP_PASSWORD: "secret" },
    };
  });

  afterEach(async () => {
    await sap.stop();
  });

  it("gets each order from its own queue into the system of its site", async () => {
    const asked: string[] = [];
    const queueAt = around.queueAt;
    around = { ...around, queueAt: (address) => (asked.push(address), queueAt(address)) };
    queue.messages.push(alert("opened"), alert("opened").replace("e1", "e2").replace("device-1", "device-9"));
    expect(await workOrders(["test"], around)).toBe(0);
    expect([sap.statusesOf("e1"), sap.statusesOf("e2")]).toEqual([["open"], []]);
    expect([erp.statusesOf("e1"), erp.statusesOf("e2")]).toEqual([[], ["open"]]);
    expect(asked).toEqual([
      expect.stringMatching(/^https:\/\/sbns-anomaly-tst-\w{6}\.servicebus\.windows\.net\/work-orders$/),
    ]);
  });

  it("says which variables are missing before it takes a message", async () => {
    queue.messages.push(alert("opened"));
    await expect(workOrders(["test"], { ...around, variables: {} })).rejects.toThrow(
      /set WORK_ORDERS_PLANT_SAP_USER and WORK_ORDERS_PLANT_SAP_PASSWORD/,
    );
    expect(queue.messages).toHaveLength(1);
  });

  it("takes no webhook beside them", async () => {
    expect(await workOrders(["test", "--webhook", url], around)).toBe(1);
    expect(complained.join("\n")).toContain("--webhook does not go with");
  });
});

it("names all that is wrong with systems and routes at once", () => {
  const broken = {
    ...minimal,
    maintenance: {
      systems: {
        SAP: { kind: "sap", url: "https://sap.example/path", client: "1", notificationType: "m1" },
        fs: {
          kind: "dynamics",
          url: "http://org.crm4.dynamics.com",
          keyColumn: "Episode",
          serviceAccount: "contoso",
          priceList: "list",
        },
        hook: { kind: "email", url: "mailto:ops@example.com" },
        sap: { kind: "sap", url: "https://sap.example" },
      },
      sites: { aachen: "nobody", essen: [], ulm: ["fs", "fs"] },
      machines: {
        "press-1": { planningPlant: "Aachen", workCentre: "MECHANICAL", criticality: "A", system: ["sap", "none"] },
      },
    },
  } as unknown as EnvironmentConfig;
  expect(environmentProblems(organization, broken).map(({ path }) => path)).toEqual([
    "maintenance.systems.SAP",
    "maintenance.systems.SAP.url",
    "maintenance.systems.SAP.client",
    "maintenance.systems.SAP.notificationType",
    "maintenance.systems.fs.url",
    "maintenance.systems.fs.keyColumn",
    "maintenance.systems.fs.serviceAccount",
    "maintenance.systems.fs.priceList",
    "maintenance.systems.hook.kind",
    "maintenance.systems.hook.url",
    "maintenance.sites.aachen",
    "maintenance.sites.essen",
    "maintenance.sites.ulm[1]",
    "maintenance.machines.press-1.system[1]",
    "maintenance.defaultSystem",
    "maintenance.machines.press-1.planningPlant",
    "maintenance.machines.press-1.workCentre",
  ]);
  const good = { systems: { only: { kind: "webhook" as const, url: "https://erp.example/orders" } } };
  expect(environmentProblems(organization, { ...minimal, maintenance: good })).toEqual([]);
});

it("names all that is wrong with the settings at once", () => {
  const broken = {
    ...minimal,
    maintenance: {
      minimumSeverity: "fatal",
      machines: {
        "press-1": {
          planningPlant: "",
          workCentre: "MECH",
          criticality: "D",
          nextPlannedStop: { start: "tomorrow", end: "2026-12-01T06:00:00Z" },
        },
        "press-2": {
          planningPlant: "1",
          workCentre: "M",
          criticality: "A",
          nextPlannedStop: { start: "2026-12-01T06:00:00Z", end: "2026-12-01T05:00:00Z" },
        },
      },
    },
  } as unknown as EnvironmentConfig;
  expect(environmentProblems(organization, broken).map(({ path }) => path)).toEqual([
    "maintenance.minimumSeverity",
    "maintenance.machines.press-1.planningPlant",
    "maintenance.machines.press-1.criticality",
    "maintenance.machines.press-1.nextPlannedStop.start",
    "maintenance.machines.press-2.nextPlannedStop.end",
  ]);
});
