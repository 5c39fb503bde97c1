import {
  type Endpoints,
  type Expectations,
  probe,
  type ProbeOptions,
  type ProbeReport,
} from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { expectationsFor } from "./environment";

let expected: Expectations;
let azure: AzureStandIn;
let endpoints: Endpoints;
let time: number;

beforeAll(() => {
  expected = expectationsFor();
});

beforeEach(async () => {
  azure = new AzureStandIn(expected);
  endpoints = await azure.start();
  // Across an hour, so that folders of both are looked into.
  time = Date.parse("2026-11-25T11:59:30Z");
  azure.clock = () => time;
});

afterEach(async () => {
  await azure.stop();
});

const send = (given: Partial<ProbeOptions> = {}): Promise<ProbeReport> =>
  probe({
    expected,
    tokenFor,
    endpoints,
    now: () => time,
    wait: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
    ...given,
  });

it("follows a message that a detector sends to logs, lake and alert, with the time of each", async () => {
  const told: string[] = [];
  const report = await send({ onStep: ({ place }) => told.push(place) });
  expect(report).toMatchObject({ arrived: true, deviceId: "aachen-press-01" });
  expect(told).toEqual(["edge hub", "logs", "lake", "alert"]);
  expect(report.steps.map(({ place, state, note }) => [place, state, note])).toEqual([
    ["edge hub", "arrived", "0.012 s on the device"],
    ["logs", "arrived", undefined],
    ["lake", "arrived", undefined],
    ["alert", "arrived", "machine-anomalies"],
  ]);
  const [, logs, lake, alert] = report.steps.map(({ seconds = Number.NaN }) => seconds);
  // As accurate as the pauses between two looks, of 20 s at most.
  for (const [seconds, after] of [
    [logs, 40],
    [lake, 70],
    [alert, 400],
  ] as const) {
    expect(seconds).toBeGreaterThanOrEqual(after);
    expect(seconds).toBeLessThan(after + 20);
  }
  expect(azure.probes.size).toBe(1);
});

it.each(["logs", "lake", "alert"] as const)("says that the message is not in the %s", async (place) => {
  azure.plant.probe[place] = undefined;
  const { arrived, steps, requests } = await send({ waitMinutes: 10 });
  expect(arrived).toBe(false);
  expect(steps.filter(({ state }) => state !== "arrived")).toEqual([
    { place, state: "missing", note: "not there after 10 min" },
  ]);
  expect(requests).toBeLessThan(400);
});

it("takes an alert that is open already for what it is", async () => {
  azure.plant.probe.alert = undefined;
  azure.plant.fired.push({ rule: "anomalies-delivered", since: "2026-11-25T11:00:00Z", condition: "Fired" });
  const { arrived, steps } = await send({ waitMinutes: 5 });
  expect(arrived).toBe(true);
  expect(steps.at(-1)).toEqual({
    place: "alert",
    state: "skipped",
    note: "anomalies-delivered was open already, and fires once",
  });
});

it.each([
  ["a device that is away", "offline" as const, /DeviceNotOnline/],
  ["a detector without the method", { status: 404, payload: null }, /older than this doctor/],
  [
    "an edge hub that does not take it",
    {
      status: 503,
      payload: { error: "the edge hub has not taken the message", reasons: ["it waits behind 3 others"] },
    },
    /waits behind 3 others/,
  ],
])("ends at once at %s", async (_name, answer, note) => {
  azure.plant.probe.answer = answer;
  const { arrived, steps } = await send();
  expect(arrived).toBe(false);
  expect(steps[0]).toMatchObject({ place: "edge hub", state: "missing", note: expect.stringMatching(note) });
  expect(steps.slice(1).map(({ state }) => state)).toEqual(["skipped", "skipped", "skipped"]);
  expect(time).toBe(Date.parse("2026-11-25T11:59:30Z"));
});

it("chooses a device that is connected", async () => {
  const [first] = azure.plant.devices;
  Object.assign(first ?? {}, { connectionState: "Disconnected", lastActivityTime: "2026-11-25T01:00:00Z" });
  expect((await send()).deviceId).toBe("aachen-press-02");
});

it("sends nothing where no detector runs", async () => {
  const without: Expectations = { ...expected };
  Reflect.deleteProperty(without, "detectorModule");
  await expect(send({ expected: without })).rejects.toThrow("no anomaly detector runs on devices of prod");
  expect(azure.received).toEqual([]);
});
