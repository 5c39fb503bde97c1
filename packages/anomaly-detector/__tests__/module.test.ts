import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hub } from "../src/hub";
import { DetectorModule } from "../src/module";
import { Pipeline } from "../src/pipeline";
import { StateStore } from "../src/state-store";
import { startServer } from "../src/server";

const START = Date.parse("2026-01-05T08:00:00Z");
let directory: string;
let detector: DetectorModule;
let sent: { output: string; body: Record<string, unknown> }[] = [];
let away = false;
const hub: Hub = {
  send: ({ output, body }) => {
    if (away) return Promise.reject(new Error("away"));
    sent.push({ output, body: JSON.parse(body) as Record<string, unknown> });
    return Promise.resolve();
  },
  report: () => Promise.resolve(),
};

async function start(folder = directory): Promise<void> {
  detector = new DetectorModule({
    directory: folder,
    deviceId: "device",
    log: () => undefined,
    outbox: { maxAlerts: 100, maxOthers: 2000, concurrency: 4, retryMs: 5 },
  });
  await detector.start();
}

function send(i: number, temperature: number): void {
  const message = { machine: { temperature }, timeCreated: START + i * 5000 };
  void detector.events.onMessage(Buffer.from(JSON.stringify(message)), undefined);
}

function outputs(output: string): Record<string, unknown>[] {
  return sent.filter((each) => each.output === output).map(({ body }) => body);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "detector-"));
  sent = [];
  away = false;
});

afterEach(async () => {
  await detector.stop();
  await rm(directory, { recursive: true });
});

test("a restart costs no warm-up and no alert that the hub has not taken", async () => {
  await start();
  for (let i = 0; i < 200; i++) send(i, 21 + Math.sin(i * i));
  send(200, 400);
  // No hub yet: the alert waits.
  await detector.stop();
  expect(sent).toEqual([]);
  await start();
  detector.events.onOpened(hub);
  send(201, 21);
  await once(detectorIdle(), "idle");
  expect(outputs("anomalyOutput")).toContainEqual(expect.objectContaining({ value: 400, phase: "opened" }));
  expect(outputs("scoredOutput").at(-1)).toMatchObject({ warmingUp: false });
  expect(detector.status()).toMatchObject({ machines: 1, warmingUp: 0 });
});

/** An emitter that tells when the outbox is empty. */
function detectorIdle(): EventTarget {
  const target = new EventTarget();
  void (async () => {
    while ((detector.status().pendingMessages as number) > 0) await new Promise((resolve) => setImmediate(resolve));
    target.dispatchEvent(new Event("idle"));
  })();
  return target;
}

test("the configuration of the last run holds until the twin is there", async () => {
  await start();
  await detector.events.onDesired({ $version: 3, signals: { humidity: "ambient.humidity" } });
  await detector.stop();
  await start();
  detector.events.onOpened(hub);
  void detector.events.onMessage(Buffer.from('{"ambient":{"humidity":25}}'), "device");
  await once(detectorIdle(), "idle");
  expect(outputs("scoredOutput")).toMatchObject([{ signals: { humidity: { value: 25 } } }]);
});

test.each([
  ["cut short", (text: string): string => text.slice(0, text.length / 2)],
  ["of no format", (): string => "{}\n"],
  ["empty", (): string => ""],
  ["binary", (): string => "\u0000\u0001"],
])("a state file that is %s is put aside, told, and the module starts anew", async (_name, damage) => {
  await start();
  for (let i = 0; i < 30; i++) send(i, i);
  await detector.stop();
  const file = join(directory, "state.ndjson");
  await rm(`${file}.previous`);
  await writeFile(file, damage(await readFile(file, "utf8")));
  await start();
  expect(detector.health().reasons.join()).toMatch(
    /state: restored: state.ndjson is damaged: .*; learning starts anew/,
  );
  expect(await readdir(directory)).toContain("state.ndjson.damaged");
  send(0, 1);
  expect(detector.status()).toMatchObject({ machines: 1 });
});

test("a damaged state goes on from the one before it, and that is told", async () => {
  await start();
  for (let i = 0; i < 30; i++) send(i, i);
  await detector.saveState();
  await detector.stop();
  const file = join(directory, "state.ndjson");
  const bytes = await readFile(file);
  bytes[100] = (bytes[100] ?? 0) ^ 4;
  await writeFile(file, bytes);
  await start();
  expect(detector.health().reasons.join()).toMatch(/state: restored: .* is damaged: .*; went on from the state of 20/);
  expect(detector.status()).toMatchObject({ machines: 1 });
});

test("a disk that cannot be written is told, and scoring goes on", async () => {
  const file = join(directory, "no-folder");
  await writeFile(file, "");
  await start(file);
  detector.events.onOpened(hub);
  await detector.saveState();
  expect(detector.health()).toMatchObject({ status: "degraded" });
  expect(detector.health().reasons.join()).toMatch(/state: not saved: (EEXIST|ENOTDIR)/);
  send(0, 21);
  await once(detectorIdle(), "idle");
  expect(outputs("scoredOutput")).toHaveLength(1);
});

test("a message with an alert may be acknowledged once the alert is on the disk, without the hub", async () => {
  await start();
  await detector.events.onDesired({ limits: { temperature: { high: 100 } } });
  const accepted = detector.events.onMessage(Buffer.from('{"machine":{"temperature":400}}'), undefined);
  await accepted;
  expect(sent).toEqual([]);
  // What a kill leaves: nothing is stopped, and another one starts in the same folder.
  const other = new DetectorModule({ directory, deviceId: "device", log: () => undefined });
  await other.start();
  other.events.onOpened(hub);
  while ((other.status().pendingMessages as number) > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(outputs("anomalyOutput")).toMatchObject([{ phase: "opened", value: 400 }]);
  await other.stop();
});

test("with a full disk it may be acknowledged once the hub has the alert, and not before", async () => {
  const file = join(directory, "no-folder");
  await writeFile(file, "");
  await start(file);
  await detector.events.onDesired({ limits: { temperature: { high: 100 } } });
  let isAccepted = false;
  const accepted = detector.events
    .onMessage(Buffer.from('{"machine":{"temperature":400}}'), undefined)
    .then(() => (isAccepted = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isAccepted).toBe(false);
  expect(detector.health().reasons.join()).toMatch(/journal not written: .*acknowledged when the hub has the alert/);
  detector.events.onOpened(hub);
  await accepted;
  expect(outputs("anomalyOutput")).toHaveLength(1);
});

test("an alert that the hub has is not sent again after a kill", async () => {
  await start();
  detector.events.onOpened(hub);
  await detector.events.onDesired({ limits: { temperature: { high: 100 } } });
  await detector.events.onMessage(Buffer.from('{"machine":{"temperature":400}}'), undefined);
  while ((detector.status().pendingMessages as number) > 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const other = new DetectorModule({ directory, deviceId: "device", log: () => undefined });
  await other.start();
  expect(other.status()).toMatchObject({ pendingMessages: 0, openEpisodes: 1 });
  await other.stop();
});

test("a long time switched off is no silence, and costs nothing that was learnt", async () => {
  await start();
  for (let i = 0; i < 10; i++) send(i, 21);
  await detector.stop();
  const now = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 30 * 86_400_000);
  try {
    await start();
    expect(detector.status()).toMatchObject({ machines: 1 });
    const header = (await new StateStore(join(directory, "state.ndjson")).load()).state?.header;
    // The module's clock went on where it stopped.
    expect(header?.clockMs).toBeLessThan(3_600_000);
  } finally {
    now.mockRestore();
  }
});

test("a save that fails leaves the last state whole", async () => {
  await start();
  send(0, 21);
  await detector.saveState();
  const file = join(directory, "state.ndjson");
  const before = await readFile(file, "utf8");
  // What is written first cannot be opened.
  await mkdir(`${file}.new`);
  send(1, 22);
  await detector.saveState();
  expect(detector.health().reasons.join()).toMatch(/state: not saved: EISDIR/);
  expect(await readFile(file, "utf8")).toBe(before);
  await rmdir(`${file}.new`);
  await detector.saveState();
  expect(await readFile(file, "utf8")).not.toBe(before);
});

test("a hostile message goes to deadLetter with its reason, cut short, and stops nothing", async () => {
  await start();
  detector.events.onOpened(hub);
  void detector.events.onMessage(Buffer.alloc(100_000, "x"), undefined);
  void detector.events.onMessage(Buffer.from([0xff, 0xfe, 0x00]), undefined);
  send(0, 21);
  await once(detectorIdle(), "idle");
  const [huge, binary] = outputs("deadLetter");
  expect(huge).toMatchObject({ bytes: 100_000, reason: "message has 100000 bytes; at most 65536 are taken" });
  expect(String(huge?.body)).toHaveLength(1024);
  expect(binary).toMatchObject({ reason: "message is no JSON" });
  expect(outputs("scoredOutput")).toHaveLength(1);
});

test("a fault of the module costs the one message that met it", async () => {
  await start();
  detector.events.onOpened(hub);
  const finish = jest.spyOn(Pipeline.prototype, "finish").mockImplementationOnce(() => {
    throw new Error("made for the test");
  });
  send(0, 21);
  send(1, 21);
  finish.mockRestore();
  await once(detectorIdle(), "idle");
  expect(outputs("deadLetter")).toMatchObject([{ reason: "fault of the module: made for the test" }]);
  expect(outputs("scoredOutput")).toHaveLength(1);
});

test("a lost hub is told by the health, and what waits by its number", async () => {
  await start();
  detector.events.onOpened(hub);
  expect(detector.health()).toEqual({ status: "ok", reasons: [] });
  away = true;
  detector.events.onLost("cable");
  send(0, 21);
  expect(detector.health().reasons).toEqual(["not connected to the hub; 1 messages wait"]);
  away = false;
  detector.events.onOpened(hub);
  await once(detectorIdle(), "idle");
  expect(outputs("scoredOutput")).toHaveLength(1);
});

test("what was dropped while the hub was away is in the reported twin once it is back", async () => {
  await start();
  detector.events.onOpened(hub);
  away = true;
  for (let i = 0; i < 2030; i++) send(i, 21);
  const report = jest.spyOn(hub, "report");
  detector.events.onOpened(hub);
  // 2,000 others wait at most, besides the four under way.
  expect(report.mock.calls).toContainEqual([
    expect.objectContaining({ outbox: { droppedAlerts: 0, droppedOthers: 26 } }),
  ]);
  report.mockRestore();
  away = false;
});

test("metrics and health are served, and nothing else", async () => {
  await start();
  detector.events.onOpened(hub);
  send(0, 21);
  void detector.events.onMessage(Buffer.from("x"), undefined);
  const server = await startServer(0, detector.metrics.registry, () => detector.health());
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^anomaly_detector_messages_total\{outcome="scored"\} 1$/m);
  expect(metrics).toMatch(/^anomaly_detector_messages_total\{outcome="rejected"\} 1$/m);
  expect(metrics).toMatch(/^anomaly_detector_machines 1$/m);
  expect(metrics).toMatch(/^anomaly_detector_hub_connected 1$/m);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok", reasons: [] });
  expect((await fetch(`${url}/state`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(404);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
