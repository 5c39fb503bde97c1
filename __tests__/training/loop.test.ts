import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildPrograms, type Programs } from "../../packages/anomaly-detector/__tests__/helpers/build";
import { makeCertificate } from "../../packages/anomaly-detector/__tests__/helpers/certificate";
import { DetectorModule } from "../../packages/anomaly-detector/src/module";
import { makeCredentials } from "../../packages/rehearsal/src/edge-hub/credentials";
import { mergeLayers } from "../../packages/rehearsal/src/edge-hub/deployment";
import { EdgeHub } from "../../packages/rehearsal/src/edge-hub/edge-hub";
import type { QueuedMessage } from "../../packages/rehearsal/src/edge-hub/queued-message";
import { ModuleClient } from "../../packages/rehearsal/src/modules/module-client";
import { layers } from "../../packages/rehearsal/__tests__/helpers/fixture";
import { runPython, trainingIsMissing } from "../support/python";
import { HydraulicUnit, SIGNALS } from "./hydraulic-unit";

/**
 * From a sensor to a model on a device, on loopback: messages go through the edge hub over MQTT and TLS, land as the hub in
 * the cloud writes them, are trained on, and the model's file is fetched and used by the real module.
 */
const missing = trainingIsMissing();
const whereThere = missing === undefined ? test : test.skip;

const DEVICES = ["unit-1", "unit-2"] as const;
const MESSAGES = 4000;
const WINDOW = 16;

let folder: string;
let programs: Programs;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "loop-"));
  if (missing === undefined) programs = buildPrograms();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (missing === undefined) programs.remove();
});

/** A line of the lake as IoT Hub writes it: the body is JSON where the message said so (docs: iot-hub-devguide-messages-d2c). */
function lakeLine({ time, body, properties, systemProperties }: QueuedMessage, isEncoded: boolean): string {
  const { connectionDeviceId, contentType, contentEncoding } = systemProperties;
  const enqueuedTime = new Date(time).toISOString();
  return JSON.stringify({
    EnqueuedTimeUtc: enqueuedTime,
    Properties: properties,
    SystemProperties: { connectionDeviceId, enqueuedTime, ...(!isEncoded && { contentType, contentEncoding }) },
    Body: isEncoded ? body.toString("base64") : JSON.parse(body.toString()),
  });
}

/** Sends what the units measure through the edge hub of each device; returns the folder of the lake's files. */
async function fillLake(units: readonly HydraulicUnit[]): Promise<string> {
  const lake = join(folder, "telemetry-data");
  for (const [index, unit] of units.entries()) {
    const credentials = makeCredentials();
    const received: QueuedMessage[] = [];
    const hub = await EdgeHub.start({
      deviceId: unit.id,
      deployment: mergeLayers(layers.filter(({ name }) => name === "base" || name === "sensor")),
      credentials,
      folder: join(folder, unit.id),
      port: 0,
      leafDevices: [],
      onAccepted: () => Promise.resolve(),
      onExpired: () => undefined,
      onFull: () => undefined,
      onUpstream: (message, settle) => {
        received.push(message);
        settle();
      },
    });
    const identity = { deviceId: unit.id, module: "sensor" };
    const sensor = await ModuleClient.connect({ identity, port: hub.port, credentials });
    const sent = Array.from({ length: MESSAGES }, () =>
      sensor.send(JSON.stringify(unit.measure()), "temperatureOutput"),
    );
    await Promise.all(sent);
    while (received.length < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 20));
    await sensor.close();
    await hub.stop();
    // The second device's messages say nothing of their content, and its last file is still being written.
    const lines = received.map((message) => lakeLine(message, index === 1));
    for (let begin = 0; begin < lines.length; begin += 1000) {
      const file = join(lake, `hub/2026/01/05/${String(begin / 1000).padStart(2, "0")}/00/${index}.json`);
      mkdirSync(dirname(file), { recursive: true });
      const text = `${lines.slice(begin, begin + 1000).join("\n")}\n`;
      writeFileSync(file, index === 1 && begin + 1000 >= lines.length ? text.slice(0, -30) : text);
    }
  }
  return lake;
}

interface Trained {
  readonly sha256: string;
  readonly folder: string;
  readonly model: string;
  readonly window: number;
}

interface Metrics {
  readonly lines: Readonly<Record<string, number>>;
  readonly compared: Readonly<Record<string, { readonly faultsFound: { readonly share: number } }>>;
}

function train(lake: string): Trained {
  const signals = Object.entries(SIGNALS).map((pair) => pair.join("="));
  const options = ["--data", lake, "--out", join(folder, "out"), "--signals", signals.join(), "--json"];
  const { status, stdout, stderr } = runPython(["-m", "anomaly_training", ...options]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Trained;
}

interface Sent {
  readonly output: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Runs the module over what a unit measures: normal operation, then wear that grows. Returns what it sends after `from`. */
async function runModule(model: Record<string, unknown> | undefined, ca: string, name: string): Promise<Sent[]> {
  const sent: Sent[] = [];
  const directory = join(folder, name);
  mkdirSync(directory);
  let reported: Record<string, unknown> = {};
  const detector = new DetectorModule({
    directory,
    deviceId: "unit-3",
    ca,
    log: () => undefined,
    models: { workerFile: programs.worker, retryMs: 50, downloadMs: 5000 },
  });
  await detector.start();
  detector.events.onOpened({
    send: ({ output, body }) => {
      sent.push({ output, body: JSON.parse(body) as Record<string, unknown> });
      return Promise.resolve();
    },
    report: (properties) => {
      reported = { ...reported, ...properties };
      return Promise.resolve();
    },
  });
  await detector.events.onDesired({ $version: 1, signals: SIGNALS, ...(model && { model }) });
  for (let tries = 0; model !== undefined && tries < 500; tries++) {
    if ((reported.model as { status?: string } | undefined)?.status !== "fetching") break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (model !== undefined) expect(reported.model).toMatchObject({ status: "active", version: model.version });
  const unit = new HydraulicUnit("unit-3", 33);
  const send = async (count: number, wear: (index: number) => number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      void detector.events.onMessage(Buffer.from(JSON.stringify(unit.measure(wear(index)))), undefined);
    }
    await detector.idle();
  };
  await send(3000, () => 0);
  const normal = sent.filter(({ output }) => output === "anomalyOutput").length;
  await send(300, (index) => 0.2 * Math.min(index / 150, 1));
  await detector.stop();
  const alerts = sent.filter(({ output }) => output === "anomalyOutput");
  return [...alerts.slice(normal), ...sent.filter(({ output }) => output === "scoredOutput")];
}

whereThere(
  `a model from the lake alerts on wear that is missed without it${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  async () => {
    const lake = await fillLake(DEVICES.map((id, index) => new HydraulicUnit(id, index + 1)));
    const trained = train(lake);
    const metrics = JSON.parse(readFileSync(join(trained.folder, "metrics.json"), "utf8")) as Metrics;
    expect(metrics.lines).toMatchObject({ used: 2 * MESSAGES - 1, halfWritten: 1, damaged: 0 });
    const found = (kind: string): number => metrics.compared[kind]?.faultsFound.share ?? NaN;
    expect(trained.model).toBe("autoencoder");
    expect(found("autoencoder")).toBeGreaterThan(found("linear") + 0.05);

    if (process.env.SCREENSHOT !== undefined) copyFileSync(join(trained.folder, "picture.svg"), process.env.SCREENSHOT);

    const content = readFileSync(join(trained.folder, "model.onnx"));
    expect(createHash("sha256").update(content).digest("hex")).toBe(trained.sha256);
    const certificate = makeCertificate();
    const server = createServer(certificate, (_request, response) => response.end(content)).listen(0, "localhost");
    await once(server, "listening");
    try {
      const uri = `https://localhost:${(server.address() as AddressInfo).port}/${trained.sha256}/model.onnx`;
      const model = { uri, sha256: trained.sha256, version: "1", window: WINDOW, bytes: content.length };
      const without = await runModule(undefined, certificate.cert, "without");
      const withModel = await runModule(model, certificate.cert, "with");
      const alerts = (sent: readonly Sent[]): Sent["body"][] =>
        sent.filter(({ output }) => output === "anomalyOutput").map(({ body }) => body);
      expect(alerts(without)).toEqual([]);
      expect(alerts(withModel)).toContainEqual(
        expect.objectContaining({ phase: "opened", signal: "flow+pressure+power", modelVersion: "1" }),
      );
      const scored = withModel.filter(({ output }) => output === "scoredOutput");
      expect(scored.at(-1)?.body).toMatchObject({ modelVersion: "1" });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);
