/** @jest-environment ./packages/anomaly-detector/__tests__/helpers/native-arrays-environment.js */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { normalRandom, seededRandom } from "../bench/random";
import type { Hub } from "../src/hub";
import { DetectorModule } from "../src/module";
import { loadOnnxModel } from "../src/onnx-model";
import { makeCertificate } from "./helpers/certificate";
import { failsBelowZero, onnxModel, sumOfMagnitudes } from "./helpers/onnx";

const WINDOW = 4;
const SIGNALS = { temperature: "t", pressure: "p" };
const START = Date.parse("2026-01-05T08:00:00Z");

const certificate = makeCertificate();
const files = new Map<string, Buffer>();
const requests: string[] = [];
let server: Server;
let address: string;
let directory: string;
let detector: DetectorModule;
let version = 0;

/** The outputs and the reported properties, as a hub would have them. */
const sent: { output: string; body: Record<string, unknown> }[] = [];
let reported: Record<string, unknown> = {};
const logged: string[] = [];
const hub: Hub = {
  send: ({ output, body }) => {
    sent.push({ output, body: JSON.parse(body) as Record<string, unknown> });
    return Promise.resolve();
  },
  report: (properties) => {
    reported = { ...reported, ...properties };
    return Promise.resolve();
  },
};

async function startModule(): Promise<void> {
  detector = new DetectorModule({
    directory,
    deviceId: "device",
    ca: certificate.cert,
    log: (level, event, details) => logged.push(JSON.stringify([level, event, details])),
  });
  await detector.start();
  detector.events.onOpened(hub);
}

/** A desired model of a file that the server has, under a name of its own. */
function serve(name: string, bytes: Buffer, more: Record<string, unknown> = {}): Record<string, unknown> {
  files.set(`/${name}`, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { uri: `${address}/${name}?sig=do-not-show`, sha256, version: name, window: WINDOW, ...more };
}

async function desire(model?: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<void> {
  const properties = { $version: ++version, signals: SIGNALS, timePath: "at", ...(model && { model }), ...more };
  await detector.events.onDesired(properties);
}

const normal = normalRandom(seededRandom(5));
let messages = 0;

async function send(count: number, t = (): number => normal()): Promise<Record<string, unknown>[]> {
  const before = sent.length;
  for (let i = 0; i < count; i++) {
    const message = { t: t(), p: normal(), at: START + messages++ * 5000 };
    detector.events.onMessage(Buffer.from(JSON.stringify(message)), undefined);
  }
  await detector.idle();
  return sent.slice(before).flatMap(({ output, body }) => (output === "scoredOutput" ? [body] : []));
}

beforeAll(async () => {
  server = createServer(certificate, (request, response) => {
    requests.push(request.url ?? "");
    const bytes = files.get((request.url ?? "").split("?", 1)[0] ?? "");
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, "localhost");
  await once(server, "listening");
  address = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "detector-"));
  sent.length = 0;
  logged.length = 0;
  requests.length = 0;
  reported = {};
  await startModule();
});

afterEach(async () => {
  await detector.stop();
  await rm(directory, { recursive: true });
});

test("a model in the twin is fetched, checked, loaded and scores", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)), { detectors: { onnx: { enabled: true, confidence: 99 } } });
  expect(reported.model).toMatchObject({ status: "active", version: "good-1" });
  const scored = await send(300);
  expect(scored.at(-1)).toMatchObject({ modelVersion: "good-1" });
  const [last] = await send(1, () => 1000);
  expect(last?.detectors).toMatchObject({ onnx: { isAnomaly: true } });
  const alerts = sent.filter(({ output }) => output === "anomalyOutput").map(({ body }) => body);
  expect(alerts).toContainEqual(
    expect.objectContaining({
      detector: "onnx",
      signal: "temperature+pressure",
      modelVersion: "good-1",
      phase: "opened",
    }),
  );
});

test("the window goes to the model oldest message first", async () => {
  const bytes = onnxModel(
    [1, 2, 2],
    [
      { op: "Flatten", input: "x", output: "row" },
      { op: "ArgMax", input: "row", output: "index", attributes: { axis: 1, keepdims: 0 } },
      { op: "Cast", input: "index", output: "score", attributes: { to: 1 } },
    ],
  );
  const model = await loadOnnxModel(bytes, 2, 2);
  expect(await model.score(Float32Array.from([0, 0, 9, 0]))).toBe(2);
  await model.release();
});

test("a file with another hash is refused and the model in use stays", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  await desire(serve("good-2", sumOfMagnitudes(WINDOW, 2), { sha256: "0".repeat(64) }));
  expect(reported.model).toMatchObject({ status: "refused", version: "good-1" });
  expect((reported.model as { reason: string }).reason).toMatch(/^good-2: sha256 of .* is [0-9a-f]{64}, not 0{64}$/);
  expect((await send(10)).at(-1)).toMatchObject({ modelVersion: "good-1" });
  expect(detector.health().status).toBe("degraded");
});

test.each([
  ["is no model", () => Buffer.from("not a model"), /cannot be loaded/],
  ["takes another window", () => sumOfMagnitudes(WINDOW + 1, 2), /fails on a window of zeros/],
  [
    "has no finite score",
    () =>
      onnxModel(
        [1, 8],
        [
          { op: "Log", input: "x", output: "y" },
          { op: "ReduceSum", input: "y", output: "score", attributes: { keepdims: 0 } },
        ],
      ),
    /fails on a window of zeros: output score is -Infinity/,
  ],
])("a file that %s is refused and the model in use stays", async (_name, bytes, reason) => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  await desire(serve("broken", bytes()));
  expect(reported.model).toMatchObject({
    status: "refused",
    version: "good-1",
    reason: expect.stringMatching(reason) as string,
  });
  expect((await send(10)).at(-1)).toMatchObject({ modelVersion: "good-1" });
});

test("a file that is not there is refused, and the configuration around it applies", async () => {
  await desire(
    { ...serve("good-1", sumOfMagnitudes(WINDOW, 2)), uri: `${address}/gone?sig=do-not-show` },
    { cooldownMessages: 3 },
  );
  expect(reported.model).toMatchObject({ status: "refused", version: "" });
  expect(reported.configuration).toMatchObject({ status: "applied", cooldownMessages: 3 });
  expect((await send(1)).at(-1)).not.toHaveProperty("modelVersion");
});

test("a model that fails while it scores is given up for the one before it", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  await desire(serve("fails", failsBelowZero(WINDOW, 2)));
  expect(reported.model).toMatchObject({ status: "active", version: "fails" });
  const scored = await send(WINDOW + 5, () => -100);
  expect(scored).toHaveLength(WINDOW + 5);
  expect(reported.model).toMatchObject({ status: "fellBack", version: "good-1", reason: "fails: output score is NaN" });
  expect((await send(1)).at(-1)).toMatchObject({ modelVersion: "good-1" });
});

test("without one before it the module goes on without a model", async () => {
  await desire(serve("fails", failsBelowZero(WINDOW, 2)));
  await send(WINDOW + 5, () => -100);
  expect(reported.model).toMatchObject({ status: "fellBack", version: "" });
  expect((await send(1)).at(-1)).not.toHaveProperty("modelVersion");
});

test("no message is lost or out of order while the model changes", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  const first = send(50);
  const change = desire(
    serve(
      "good-2",
      onnxModel([1, WINDOW, 2], [{ op: "ReduceSum", input: "x", output: "score", attributes: { keepdims: 0 } }]),
    ),
  );
  const second = send(50);
  await Promise.all([first, change, second]);
  await send(1);
  const scored = sent.filter(({ output }) => output === "scoredOutput").map(({ body }) => body);
  expect(scored).toHaveLength(101);
  const times = scored.map(({ eventTime }) => String(eventTime));
  expect(times).toEqual([...times].sort());
  expect(scored.at(-1)).toMatchObject({ modelVersion: "good-2" });
});

test("after a restart the model comes from the cache, and nothing is fetched", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  await send(150);
  await detector.stop();
  requests.length = 0;
  await startModule();
  const [scored] = await send(1);
  expect(scored).toMatchObject({ modelVersion: "good-1", warmingUp: false });
  expect(requests).toEqual([]);
});

test("nothing is fetched that the twin does not name", async () => {
  await desire();
  await send(10);
  expect(requests).toEqual([]);
});

test("a model's signature is neither logged nor reported nor in the status", async () => {
  await desire(serve("good-1", Buffer.from("broken")));
  await desire({ ...serve("good-2", sumOfMagnitudes(WINDOW, 2)), uri: "https://localhost:1/x?sig=do-not-show" });
  const shown = JSON.stringify([logged, reported, detector.status()]);
  expect(shown).toContain("good-2");
  expect(shown).not.toContain("do-not-show");
});
