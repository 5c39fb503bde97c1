import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { RemoteError } from "@edge-anomaly-detection/common";
import {
  drain,
  DynamicsFieldService,
  maintenanceEvent,
  type MaintenanceEvent,
  type Routes,
  SapNotifications,
  systemsOf,
  Webhook,
  type Word,
} from "../index";
import { Broker } from "./support/broker";
import { MockDynamics } from "./support/dynamics";
import { MockErp } from "./support/erp";
import type { MockSystem } from "./support/mock-system";
import { MockSap } from "./support/sap";

const NOW = new Date("2026-11-25T06:30:15Z");
const wait = (): Promise<void> => Promise.resolve();
const EPISODE = "0f8fad5bd9cb469fa16570867728950e";

const word = (says: Word["says"] = "seen", site?: string): Word => ({
  says,
  at: NOW.toISOString(),
  episode: {
    episodeId: EPISODE,
    machineId: "press-1",
    deviceId: "device-1",
    source: "hub",
    startedAt: NOW.toISOString(),
    severity: "critical",
    trend: "rising",
    kind: "drift",
    signal: "temperature",
    explanation: "temperature drifts upwards ".repeat(100),
    ...(site !== undefined && { site }),
  },
});
const machine = { planningPlant: "1010", workCentre: "MECH", criticality: "A", equipment: "10004711" } as const;
const event = (phase: "requested" | "completed"): MaintenanceEvent => maintenanceEvent(phase, word(), machine);

const started: MockSystem[] = [];
async function start<T extends MockSystem>(mock: T): Promise<{ readonly mock: T; readonly url: string }> {
  started.push(mock);
  return { mock, url: await mock.start() };
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((mock) => mock.stop()));
});

const webhookTo = (url: string, mock: MockErp): Webhook =>
  new Webhook({ url, authorization: () => Promise.resolve(`Bearer ${mock.token}`), wait });
const sapTo = (url: string, user = "planner:secret"): SapNotifications =>
  new SapNotifications({
    url,
    client: "100",
    authorization: () => Promise.resolve(`Basic ${Buffer.from(user).toString("base64")}`),
    wait,
  });
const dynamicsTo = (url: string, mock: MockDynamics): DynamicsFieldService =>
  new DynamicsFieldService({
    url,
    keyColumn: "plant_episode",
    serviceAccount: "88888888-8888-4888-8888-888888888888",
    workOrderType: "99999999-9999-4999-8999-999999999999",
    authorization: () => Promise.resolve(`Bearer ${mock.token}`),
    wait,
  });

it("sends webhooks events that fit their schema, with the episode and the phase as id", async () => {
  const { mock, url } = await start(new MockErp());
  const webhook = webhookTo(url, mock);
  await webhook.submit(event("requested"));
  await webhook.submit(event("completed"));
  expect(mock.events.map(({ id }) => id)).toEqual([`${EPISODE}:requested`, `${EPISODE}:completed`]);
  const schema = JSON.parse(readFileSync("packages/maintenance/src/work-alert.schema.json", "utf8")) as object;
  const validate = new Ajv().compile(schema);
  for (const sent of mock.events) {
    expect(validate(sent) ? [] : validate.errors).toEqual([]);
  }
});

describe("SAP", () => {
  it("gets what a notification needs, in SAP's own forms and lengths", async () => {
    const { mock, url } = await start(new MockSap());
    await sapTo(url).submit(event("requested"));
    expect(mock.orders[0]?.body).toMatchObject({
      NotificationType: "M1",
      NotificationText: "drift at press-1",
      TechnicalObject: "10004711",
      TechObjIsEquipOrFuncnlLoc: "EAMS_EQUI",
      MaintenancePlanningPlant: "1010",
      MainWorkCenter: "MECH",
      MainWorkCenterPlant: "1010",
      RequiredStartDate: `/Date(${Date.UTC(2026, 10, 25)})/`,
      RequiredStartTime: "PT06H30M15S",
      // Critical, criticality A, a drift: 6 hours.
      RequiredEndDate: `/Date(${Date.UTC(2026, 10, 25)})/`,
      RequiredEndTime: "PT12H30M15S",
    });
    expect(mock.orders[0]?.body.MaintNotifExtReferenceNumber).toMatch(/^[0-9A-F]{20}$/);
  });

  it("fetches one token for many requests, and another where the session has ended", async () => {
    const { mock, url } = await start(new MockSap());
    const sap = sapTo(url);
    await sap.submit(event("requested"));
    await sap.submit(event("requested"));
    expect([mock.requests, mock.orders.length]).toEqual([3, 2]);
    mock.faults = ["expired"];
    await sap.submit(event("requested"));
    // Refused, a new token, and again.
    expect([mock.requests, mock.orders.length]).toEqual([6, 3]);
  });

  it("does not complete what somebody has changed meanwhile, and does the next time", async () => {
    const { mock, url } = await start(new MockSap());
    const sap = sapTo(url);
    await sap.submit(event("requested"));
    mock.changes = 1;
    await expect(sap.submit(event("completed"))).rejects.toMatchObject({ status: 412 });
    expect(mock.statusesOf(EPISODE)).toEqual(["open"]);
    await sap.submit(event("completed"));
    await sap.submit(event("completed"));
    expect(mock.statusesOf(EPISODE)).toEqual(["completed"]);
  });

  it("says who may not sign in", async () => {
    const { url } = await start(new MockSap());
    await expect(sapTo(url, "planner:old").find(EPISODE)).rejects.toThrow(/status 401|refuses the sign-in/);
  });
});

describe("Dynamics 365", () => {
  it("gets a work order by its alternate key, which two programs at once cannot make twice", async () => {
    const { mock, url } = await start(new MockDynamics());
    const [one, other] = [dynamicsTo(url, mock), dynamicsTo(url, mock)];
    await Promise.all([one.submit(event("requested")), other.submit(event("requested"))]);
    expect(mock.statusesOf(EPISODE)).toEqual(["open"]);
    expect(mock.orders[0]?.body).toMatchObject({
      msdyn_systemstatus: 690_970_000,
      "msdyn_serviceaccount@odata.bind": "/accounts(88888888-8888-4888-8888-888888888888)",
      "msdyn_workordertype@odata.bind": "/msdyn_workordertypes(99999999-9999-4999-8999-999999999999)",
      msdyn_timefrompromised: "2026-11-25T06:30:15.000Z",
      msdyn_timetopromised: "2026-11-25T12:30:15.000Z",
    });
    expect(mock.orders[0]?.body).not.toHaveProperty("msdyn_customerasset@odata.bind");
    await one.submit(event("completed"));
    // A request that comes late opens nothing again.
    await one.submit(event("requested"));
    expect(await other.find(EPISODE)).toEqual({ id: "101", isCompleted: true });
  });

  it("does not create what it should complete", async () => {
    const { mock, url } = await start(new MockDynamics());
    await expect(dynamicsTo(url, mock).submit(event("completed"))).rejects.toMatchObject({ status: 404 });
    expect(mock.orders).toEqual([]);
  });
});

describe("several systems", () => {
  const routes: Routes = {
    machines: { "press-9": ["sap"] },
    sites: { aachen: ["dynamics", "sap"], essen: ["sap"] },
    siteOfDevice: { "device-2": "essen" },
    otherwise: ["dynamics"],
  };

  it.each([
    [{ machineId: "press-9", deviceId: "device-1" }, ["sap"]],
    [{ machineId: "press-1", deviceId: "device-2" }, ["sap"]],
    [{ machineId: "press-1", deviceId: "device-2", site: "aachen" }, ["sap"]],
    [{ machineId: "press-1", deviceId: "device-1", site: "aachen" }, ["dynamics", "sap"]],
    [{ machineId: "constructor", deviceId: "toString", site: "valueOf" }, ["dynamics"]],
  ])("%j belongs to %j", (part, expected) => {
    expect(systemsOf({ ...word().episode, ...part }, routes)).toEqual(expected);
  });

  const telemetry = (machineId: string, phase: string, episodeId = EPISODE): unknown => ({
    eventTime: NOW.toISOString(),
    data: { body: { episodeId, machineId, phase, severity: "critical", eventTime: NOW.toISOString() } },
  });

  it("completes an episode where it began, when its machine has moved to another system meanwhile", async () => {
    const sap = await start(new MockSap());
    const dynamics = await start(new MockDynamics());
    const systems = { sap: sapTo(sap.url), dynamics: dynamicsTo(dynamics.url, dynamics.mock) };
    const broker = new Broker(() => NOW.getTime());
    const run = (names: readonly string[]): Promise<unknown> =>
      drain({ queue: broker, systems, systemsOf: () => names, policy: {}, now: () => NOW });
    broker.send("1", telemetry("press-1", "opened"));
    await run(["sap"]);
    broker.send("2", telemetry("press-1", "ongoing"));
    broker.send("3", telemetry("press-1", "closed"));
    broker.send("4", telemetry("press-1", "opened", "another"));
    await run(["dynamics", "sap"]);
    expect([sap.mock.statusesOf(EPISODE), dynamics.mock.statusesOf(EPISODE)]).toEqual([["completed"], []]);
    expect([sap.mock.statusesOf("another"), dynamics.mock.statusesOf("another")]).toEqual([[], ["open"]]);
  });

  it("goes on with one while another is away, and asks that one no more in this run", async () => {
    const sap = await start(new MockSap());
    const dynamics = await start(new MockDynamics());
    sap.mock.isDown = true;
    const broker = new Broker(() => NOW.getTime());
    broker.send("1", telemetry("press-1", "opened", "e1"));
    broker.send("2", telemetry("press-1", "opened", "e2"));
    broker.send("3", telemetry("mill-1", "opened", "e3"));
    const { messages, outcomes, problem } = await drain({
      queue: broker,
      systems: { sap: sapTo(sap.url), dynamics: dynamicsTo(dynamics.url, dynamics.mock) },
      systemsOf: ({ machineId }) => [machineId === "press-1" ? "sap" : "dynamics"],
      policy: {},
      now: () => NOW,
    });
    expect([messages, outcomes.created, broker.waiting]).toEqual([1, 1, 2]);
    expect(dynamics.mock.statusesOf("e3")).toEqual(["open"]);
    expect(problem).toBeInstanceOf(RemoteError);
  });
});
