import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { normalRandom, seededRandom } from "../bench/random";
import { type HubConnection, keepConnected } from "../src/hub";
import { DetectorModule } from "../src/module";
import { makeCertificate } from "./helpers/certificate";
import { EdgeHub } from "./helpers/edge-hub";

/** The real client of azure-iot-device over TLS against a broker in this process. */
const certificate = makeCertificate();
let directory: string;
let hub: EdgeHub;
let detector: DetectorModule;
let connection: HubConnection;
/** What the module logs, as events. */
const logged = new EventEmitter();
const environment = { ...process.env };

const START = Date.parse("2026-01-05T08:00:00Z");

const normal = normalRandom(seededRandom(4));
const NOISE = Array.from({ length: 400 }, normal);

function message(i: number, temperature = 21 + (NOISE[i] ?? 0)): unknown {
  return {
    machine: { temperature, pressure: 1 + (NOISE[200 + i] ?? 0) / 10 },
    ambient: { temperature: 20.9, humidity: 25 },
    timeCreated: new Date(START + i * 5000).toISOString(),
  };
}

function alertOf400(): Record<string, unknown> | undefined {
  return hub.outputs("anomalyOutput").find(({ value }) => value === 400);
}

async function start(): Promise<void> {
  detector = new DetectorModule({
    directory,
    deviceId: "factory-1",
    log: (_level, event) => logged.emit(event),
    outbox: { maxAlerts: 100, maxOthers: 1000, concurrency: 16, retryMs: 20 },
  });
  await detector.start();
  const subscribed = new Promise<void>((resolve) => {
    hub.on("subscribed", (topic: string) => {
      if (topic.includes("/inputs/")) resolve();
    });
  });
  connection = keepConnected(detector.events);
  await subscribed;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "detector-"));
  hub = new EdgeHub(certificate);
  await hub.listen();
  const ca = join(directory, "ca.pem");
  await writeFile(ca, certificate.cert);
  process.env.EdgeHubConnectionString = hub.connectionString;
  process.env.EdgeModuleCACertificateFile = ca;
});

afterEach(async () => {
  await detector.stop();
  await connection.close();
  await hub.close();
  process.env = { ...environment };
  await rm(directory, { recursive: true });
});

test("scores, alerts and dead letters arrive on their outputs", async () => {
  await start();
  for (let i = 0; i < 150; i++) await hub.input(message(i));
  await hub.input(message(150, 400));
  await hub.input("not JSON");
  const alert = await hub.until(alertOf400);
  expect(alert).toMatchObject({
    phase: "opened",
    machineId: "factory-1",
    signal: "temperature",
    value: 400,
    eventTime: "2026-01-05T08:12:30.000Z",
  });
  await hub.until(() => (hub.outputs("scoredOutput").length === 151 ? true : undefined));
  expect(hub.outputs("scoredOutput").at(-1)).toMatchObject({
    isAnomaly: true,
    signals: { temperature: { value: 400 } },
  });
  const letter = await hub.until(() => hub.outputs("deadLetter")[0]);
  expect(letter).toMatchObject({ reason: "message is no JSON", body: "not JSON" });
  expect(new Set(hub.sent.map(({ contentType }) => contentType))).toEqual(new Set(["application/json"]));
});

test("a message of another device is that device's machine", async () => {
  await start();
  await hub.input(message(0), "sensorInput", "press-7");
  const scored = await hub.until(() => hub.outputs("scoredOutput")[0]);
  expect(scored.machineId).toBe("press-7");
});

test("a change of the twin takes effect and is reported", async () => {
  await start();
  await hub.patchDesired({ signals: { humidity: "ambient.humidity" }, cooldownMessages: 7 });
  await hub.until(() => (hub.reported.configuration as { version?: number } | undefined)?.version === 2 || undefined);
  expect(hub.reported.configuration).toMatchObject({
    status: "applied",
    version: 2,
    signals: "humidity=ambient.humidity",
    cooldownMessages: 7,
  });
  await hub.input(message(0));
  const scored = await hub.until(() => hub.outputs("scoredOutput")[0]);
  expect(scored.signals).toEqual({ humidity: { value: 25, score: 0 } });
});

test("a change of the twin with mistakes changes nothing and all of them are reported", async () => {
  await start();
  await hub.patchDesired({
    signals: { temperature: "ambient.temperature" },
    cooldownMessages: -1,
    seasonSeconds: "day",
  });
  const configuration = await hub.until(() => {
    const { configuration } = hub.reported as { configuration?: { version?: number; mistakes?: string } };
    return configuration?.version === 2 ? configuration : undefined;
  });
  expect(configuration).toMatchObject({ status: "refused", count: 2 });
  expect(configuration.mistakes).toMatch(/^cooldownMessages is -1; allowed: .*\nseasonSeconds is "day"; allowed: /);
  await hub.input(message(0, 33));
  const scored = await hub.until(() => hub.outputs("scoredOutput")[0]);
  expect(scored.signals).toMatchObject({ temperature: { value: 33 } });
});

test("the direct method tells the status", async () => {
  await start();
  await hub.input(message(0));
  await hub.until(() => hub.outputs("scoredOutput")[0]);
  expect(await hub.method("status")).toMatchObject({
    status: 200,
    payload: { status: "ok", machines: 1, warmingUp: 1, model: { status: "none" } },
  });
});

test("nothing that was accepted is lost when the hub is cut off", async () => {
  await start();
  for (let i = 0; i < 120; i++) await hub.input(message(i));
  await hub.until(() => (hub.outputs("scoredOutput").length === 120 ? true : undefined));
  const lost = once(logged, "hub lost");
  await hub.cut();
  await lost;
  expect(detector.health().status).toBe("degraded");
  // What the module had accepted and not yet told when the connection broke.
  for (let i = 120; i < 150; i++) void detector.events.onMessage(Buffer.from(JSON.stringify(message(i))), "factory-1");
  void detector.events.onMessage(Buffer.from(JSON.stringify(message(150, 400))), "factory-1");
  expect(alertOf400()).toBeUndefined();

  const resubscribed = new Promise<void>((resolve) => {
    hub.on("subscribed", (topic: string) => {
      if (topic.includes("/inputs/")) resolve();
    });
  });
  await hub.listen();
  await hub.until(alertOf400);
  await hub.until(() => (hub.outputs("scoredOutput").length >= 151 ? true : undefined));
  const times = new Set(hub.outputs("scoredOutput").map(({ eventTime }) => eventTime));
  expect(times.size).toBe(151);
  await resubscribed;
  await hub.input(message(151));
  await hub.until(() => (hub.outputs("scoredOutput").length >= 152 ? true : undefined));
  expect(detector.health().status).toBe("ok");
});

test("a twin that changed while the hub was away is applied after the connection is back", async () => {
  await start();
  await hub.cut();
  hub.desired = { $version: 9, cooldownMessages: 5 };
  await hub.listen();
  await hub.until(() => (hub.reported.configuration as { version?: number } | undefined)?.version === 9 || undefined);
  expect(hub.reported.configuration).toMatchObject({ status: "applied", cooldownMessages: 5 });
});

describe("what operators say", () => {
  test("reaches the detector, and the cloud as a message of its own", async () => {
    await start();
    await hub.patchDesired({ limits: { temperature: { high: 100 } } });
    await hub.until(() => (hub.reported.configuration as { version?: number } | undefined)?.version === 2 || undefined);
    await hub.input(message(0, 400));
    const { episodeId } = (await hub.until(alertOf400)) as { episodeId: string };
    const answer = await hub.method("falseAlarm", {
      machineId: "factory-1",
      episodeId,
      by: "Kim",
      comment: "test run",
    });
    expect(answer).toMatchObject({ status: 200, payload: { feedbackId: expect.any(String) as string } });
    const feedback = await hub.until(() => hub.outputs("feedbackOutput")[0]);
    expect(feedback).toMatchObject({
      feedbackId: (answer.payload as { feedbackId: string }).feedbackId,
      kind: "falseAlarm",
      machineId: "factory-1",
      episodeId,
      by: "Kim",
      comment: "test run",
    });
    await hub.until(() =>
      hub.outputs("anomalyOutput").find((alert) => alert.episodeId === episodeId && alert.phase === "closed"),
    );
  });

  test("is refused with all that is wrong with it, or where there is no such machine", async () => {
    await start();
    expect(await hub.method("maintenance", { machineId: 7, minutes: -1 })).toMatchObject({
      status: 400,
      payload: {
        error: "maintenance was not taken",
        reasons: [/machineId/, /minutes/].map((pattern) => expect.stringMatching(pattern) as string),
      },
    });
    expect(await hub.method("acceptLevel", { machineId: "press-99" })).toEqual({
      status: 404,
      payload: { error: "acceptLevel was not taken", reasons: ["there is no machine press-99 here"] },
    });
    expect(hub.outputs("feedbackOutput")).toEqual([]);
  });

  test("probe sends one marked message the way of alerts, and no machine hears of it", async () => {
    await start();
    const answer = await hub.method("probe", { id: "0123abcd-probe" });
    expect(answer).toMatchObject({
      status: 200,
      payload: { id: "0123abcd-probe", takenAfterSeconds: expect.any(Number) },
    });
    expect(await hub.until(() => hub.outputs("anomalyOutput")[0])).toMatchObject({
      probe: "0123abcd-probe",
      machineId: "probe",
      phase: "closed",
      severity: "info",
    });
    expect(hub.outputs("anomalyOutput")).toHaveLength(1);
    expect(await hub.method("status", undefined)).toMatchObject({ payload: { machines: 0, openEpisodes: 0 } });
    expect(await hub.method("probe", { id: "no spaces" })).toMatchObject({ status: 400 });
  });

  test("is not lost when the hub is away", async () => {
    await start();
    await hub.input(message(0));
    await hub.until(() => hub.outputs("scoredOutput")[0]);
    const lost = once(logged, "hub lost");
    await hub.cut();
    await lost;
    const answer = await detector.events.onMethod("maintenance", { machineId: "factory-1", minutes: 5 });
    expect(answer.status).toBe(200);
    await hub.listen();
    expect(await hub.until(() => hub.outputs("feedbackOutput")[0])).toMatchObject({ kind: "maintenance" });
  });
});

test("what a hub still has for the module is scored by the twin's signals, not before they are known", async () => {
  await start();
  await hub.cut();
  hub.desired = { $version: 9, signals: { humidity: "ambient.humidity" } };
  await hub.listen();
  // Sent into the session that the hub keeps, before the module has read its twin.
  await hub.input(message(1));
  const scored = await hub.until(() => hub.outputs("scoredOutput").at(-1));
  expect(scored.signals).toMatchObject({ humidity: { value: 25 } });
});
