import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { normalRandom, seededRandom } from "../bench/random";
import type { Hub } from "../src/hub";
import { DetectorModule } from "../src/module";
import { buildPrograms, type Programs } from "./helpers/build";
import { makeCertificate } from "./helpers/certificate";
import { failsBelowZero, type Node, onnxModel, sum, sumOfMagnitudes } from "./helpers/onnx";

const WINDOW = 4;
const SIGNALS = { temperature: "t", pressure: "p" };
const START = Date.parse("2026-01-05T08:00:00Z");

const certificate = makeCertificate();
const files = new Map<string, Buffer>();
/** Files that are given out a byte now and then. */
const slow = new Set<string>();
let programs: Programs;
const requests: string[] = [];
/** Connections that downloads hold. */
let open = 0;
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

async function startModule(workerFile = programs.worker): Promise<void> {
  detector = new DetectorModule({
    directory,
    deviceId: "device",
    ca: certificate.cert,
    log: (level, event, details) => logged.push(JSON.stringify([level, event, details])),
    models: { workerFile, retryMs: 50, downloadMs: 1500, imageDirectory: join(directory, "image") },
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
  // The twin is applied at once; its model is there later, or is not.
  for (const role of ["model", "shadowModel"]) {
    await until(
      () => detector.status()[role] as { status: string },
      ({ status }) => status !== "fetching",
    );
    await until(
      () => reported[role] as { status: string } | undefined,
      (each) => each?.status !== "fetching",
    );
  }
  await detector.idle();
}

/** Resolves when what is read is as it should be. */
async function until<T>(read: () => T, holds: (value: T) => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !holds(read());) {
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(read())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const normal = normalRandom(seededRandom(5));
let messages = 0;

async function send(count: number, t = (): number => normal()): Promise<Record<string, unknown>[]> {
  const before = sent.length;
  for (let i = 0; i < count; i++) {
    const message = { t: t(), p: normal(), at: START + messages++ * 5000 };
    void detector.events.onMessage(Buffer.from(JSON.stringify(message)), undefined);
  }
  await detector.idle();
  return sent.slice(before).flatMap(({ output, body }) => (output === "scoredOutput" ? [body] : []));
}

beforeAll(async () => {
  programs = buildPrograms();
  server = createServer(certificate, (request, response) => {
    requests.push(request.url ?? "");
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const bytes = files.get(path);
    if (slow.has(path)) {
      open++;
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 100);
      response.on("close", () => {
        clearInterval(timer);
        open--;
      });
      return;
    }
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, "localhost");
  await once(server, "listening");
  address = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  programs.remove();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "detector-"));
  sent.length = 0;
  logged.length = 0;
  requests.length = 0;
  slow.clear();
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
  const nodes: readonly Node[] = [
    { op: "Flatten", input: "x", output: "row" },
    { op: "ArgMax", input: "row", output: "index", attributes: { axis: 1, keepdims: 0 } },
    { op: "Cast", input: "index", output: "score", attributes: { to: 1 } },
  ];
  // As a shadow, whose own score is in what is sent.
  await desire(undefined, { shadowModel: serve("position", onnxModel([1, WINDOW, 2], nodes)) });
  await send(WINDOW - 1, () => 0);
  const peak = await send(WINDOW, () => (peaked++ === 0 ? 1000 : 0));
  expect(peak.map(({ shadow }) => (shadow as { score: number }).score)).toEqual([6, 4, 2, 0]);
});
let peaked = 0;

test("a file with another hash is refused and the model in use stays", async () => {
  await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
  await desire(serve("good-2", sumOfMagnitudes(WINDOW, 2), { sha256: "0".repeat(64) }));
  expect(reported.model).toMatchObject({ status: "refused", version: "good-1" });
  expect((reported.model as { reason: string }).reason).toMatch(
    /^good-2: sha256 of .* is [0-9a-f]{64}, not 0{64} \(attempt/,
  );
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
  await until(
    () => reported.model,
    (model) => (model as { version: string }).version === "good-1",
  );
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

describe("a model in the image", () => {
  /** Lays a model out as an image has it, and names it without an address. */
  async function hold(
    name: string,
    bytes: Buffer,
    more: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { uri, ...model } = serve(name, bytes, more);
    expect(uri).toBeDefined();
    const folder = join(directory, "image", String(model.sha256));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "model.onnx"), bytes);
    return model;
  }

  test("is checked, scores and is reported, without a network", async () => {
    await desire(await hold("held-1", sumOfMagnitudes(WINDOW, 2)));
    expect(reported.model).toMatchObject({ status: "active", version: "held-1" });
    expect((await send(WINDOW)).at(-1)).toMatchObject({ modelVersion: "held-1" });
    expect(requests).toEqual([]);
  });

  test("that the image does not hold is refused with those that it holds, and not tried again", async () => {
    const { sha256 } = await hold("held-1", sumOfMagnitudes(WINDOW, 2));
    await desire({ sha256: "0".repeat(64), version: "held-2", window: WINDOW });
    expect(reported.model).toMatchObject({
      status: "refused",
      reason: `held-2: this image holds no model 000000000000 (it holds ${String(sha256).slice(0, 12)}), and no uri is given`,
    });
  });

  test("with other bytes than its hash, or more than are allowed, is refused", async () => {
    const model = await hold("held-1", sumOfMagnitudes(WINDOW, 2));
    await writeFile(join(directory, "image", String(model.sha256), "model.onnx"), sum(WINDOW, 2));
    await desire(model);
    expect((reported.model as { reason: string }).reason).toMatch(
      /^held-1: sha256 of the image's model is [0-9a-f]{64}, not/,
    );
    await desire(await hold("held-2", sumOfMagnitudes(WINDOW, 2), { bytes: 10 }));
    expect((reported.model as { reason: string }).reason).toMatch(/^held-2: model has \d+ bytes; 10 are allowed/);
    expect(await readdir(join(directory, "models")).catch(() => [])).toEqual([]);
  });

  test("is what a failing one of the next image falls back to, although that image does not hold it", async () => {
    await desire(await hold("held-1", sumOfMagnitudes(WINDOW, 2)));
    await send(WINDOW);
    await detector.stop();
    await rm(join(directory, "image"), { recursive: true });
    await startModule();
    await desire(await hold("held-2", failsBelowZero(WINDOW, 2)));
    expect(reported.model).toMatchObject({ status: "active", version: "held-2" });
    await send(WINDOW + 5, () => -1e6);
    await until(
      () => reported.model as { status: string; version: string } | undefined,
      (model) => model?.status === "fellBack" && model.version === "held-1",
    );
  });
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

describe("a download", () => {
  test("that never ends holds up neither the twin nor scoring, is told, and is given up and tried again", async () => {
    const model = serve("slow", sumOfMagnitudes(WINDOW, 2));
    slow.add("/slow");
    await detector.events.onDesired({
      $version: ++version,
      signals: SIGNALS,
      timePath: "at",
      model,
      cooldownMessages: 9,
    });
    expect(reported.configuration).toMatchObject({ status: "applied", cooldownMessages: 9 });
    expect(detector.health()).toEqual({ status: "degraded", reasons: ["model: slow is being fetched"] });
    expect(await send(3)).toHaveLength(3);
    await until(
      () => detector.health().reasons[0] ?? "",
      (reason) => reason.includes("attempt 1"),
    );
    expect(detector.health().reasons[0]).toMatch(
      /^model: slow: https:.* was not downloaded within 1.5 s \(attempt 1; it is tried again\)$/,
    );
    slow.clear();
    await until(
      () => reported.model,
      (model) => (model as { status: string }).status === "active",
    );
    expect(detector.health().status).toBe("ok");
    expect((await send(1)).at(-1)).toMatchObject({ modelVersion: "slow" });
  });

  test("is ended by a newer word of the twin", async () => {
    slow.add("/slow");
    await detector.events.onDesired({ $version: ++version, signals: SIGNALS, model: serve("slow", Buffer.from("x")) });
    await until(
      () => open,
      (count) => count === 1,
    );
    await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)));
    expect(reported.model).toMatchObject({ status: "active", version: "good-1" });
    await until(
      () => open,
      (count) => count === 0,
    );
  });

  test("is ended by the end of the module", async () => {
    slow.add("/slow");
    await detector.events.onDesired({ $version: ++version, signals: SIGNALS, model: serve("slow", Buffer.from("x")) });
    await until(
      () => open,
      (count) => count === 1,
    );
    await detector.stop();
    await until(
      () => open,
      (count) => count === 0,
    );
    expect(await readdir(join(directory, "models"))).toEqual([]);
    await startModule();
  });

  test("of more bytes than the memory allows, or than were said, is refused", async () => {
    const bytes = sumOfMagnitudes(WINDOW, 2);
    await desire(serve("good-1", bytes, { bytes: bytes.length }));
    expect(reported.model).toMatchObject({ status: "active" });
    await desire(serve("good-2", Buffer.concat([bytes, bytes]), { bytes: bytes.length }));
    expect((reported.model as { reason: string }).reason).toMatch(
      /^good-2: model has more than \d+ bytes; \d+ are allowed \(memory, or model.bytes\)$/,
    );
  });
});

test("models that are no longer used are removed; the last good one stays", async () => {
  for (const name of ["good-1", "good-2", "good-3"]) await desire(serve(name, sum(WINDOW, 2, { name })));
  await until(
    () => reported.model,
    (model) => (model as { version: string }).version === "good-3",
  );
  const kept = ["good-2", "good-3"].map((name) => `${sha256Of(sum(WINDOW, 2, { name }))}.onnx`);
  for (let i = 0; i < 100 && (await readdir(join(directory, "models"))).length > 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect((await readdir(join(directory, "models"))).sort()).toEqual(kept.sort());
});

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A program that stands in for the one that runs models, and behaves like a bad model. */
async function badWorker(onScore: string): Promise<string> {
  const file = join(directory, "worker.js");
  await writeFile(
    file,
    `process.on("message", (request) => {
      if (request.kind === "load") process.send({ kind: "loaded" });
      else { ${onScore} }
    });`,
  );
  return file;
}

describe.each([
  ["hangs", "for (;;);", "no score within 100 ms"],
  ["crashes", 'process.kill(process.pid, "SIGSEGV");', "its process ended with SIGSEGV"],
])("a model that %s", (_name, behaviour, reason) => {
  test("is given up, and every message is scored", async () => {
    await detector.stop();
    await startModule(await badWorker(behaviour));
    await desire(serve("bad", sumOfMagnitudes(WINDOW, 2), { deadlineMs: 100 }));
    expect(reported.model).toMatchObject({ status: "active" });
    let scored = 0;
    for (let i = 0; i < 100 && (detector.status().model as { status: string }).status === "active"; i++) {
      scored += (await send(5)).length;
      expect(scored).toBe(5 * (i + 1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(detector.status().model).toMatchObject({ status: "fellBack", version: "", reason: `bad: ${reason}` });
    expect(detector.health().reasons).toEqual([`model: bad: ${reason}`]);
  });
});

test("a slow model gets half of the time at most", async () => {
  await detector.stop();
  const answer =
    "const end = Date.now() + 100; while (Date.now() < end); process.send({ kind: 'score', id: request.id, score: 1 });";
  await startModule(await badWorker(answer));
  await desire(serve("slow-to-score", sumOfMagnitudes(WINDOW, 2)));
  const startedAt = performance.now();
  expect(await send(200)).toHaveLength(200);
  // A second is saved up; the rest of the 200 times 100 ms is not waited for.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(detector.status().model).toMatchObject({ status: "active" });
});

describe("a shadow model", () => {
  test("is scored and reported, and never alerts", async () => {
    await desire(serve("good-1", sumOfMagnitudes(WINDOW, 2)), {
      shadowModel: serve("next", sumOfMagnitudes(WINDOW, 2)),
      detectors: { plant: { enabled: false }, onnx: { enabled: true, confidence: 99 } },
    });
    expect(reported.shadowModel).toMatchObject({ status: "active", version: "next" });
    await send(400);
    const [last] = await send(1, () => 1000);
    expect(last).toMatchObject({ modelVersion: "good-1", shadow: { version: "next", isAnomaly: true } });
    const alerts = sent.filter(({ output }) => output === "anomalyOutput");
    expect(JSON.stringify(alerts)).not.toContain("next");
  });

  test("alone raises no alert whatever it scores", async () => {
    await desire(undefined, {
      shadowModel: serve("next", sumOfMagnitudes(WINDOW, 2)),
      detectors: { plant: { enabled: false }, spikeAndDip: { enabled: true, confidence: 99.9999999 } },
    });
    await send(300);
    const [last] = await send(1, () => 5);
    expect(last?.shadow).toMatchObject({ version: "next" });
    expect(last).not.toHaveProperty("modelVersion");
    expect(sent.filter(({ output }) => output === "anomalyOutput")).toEqual([]);
  });
});

describe("a model's metadata", () => {
  const scoresOf = async (
    metadata: Record<string, string>,
    messages: readonly [t: number, p: number, at: number][],
  ): Promise<unknown[]> => {
    await desire(undefined, { shadowModel: serve("m", sum(WINDOW, 2, metadata)) });
    const before = sent.length;
    for (const [t, p, at] of messages) {
      void detector.events.onMessage(Buffer.from(JSON.stringify({ t, p, at: START + at })), "machine");
    }
    await detector.idle();
    const scored = sent.slice(before).flatMap(({ output, body }) => (output === "scoredOutput" ? [body] : []));
    return scored.map(({ shadow }) => (shadow as { score: number } | undefined)?.score);
  };
  const STEADY = Array.from({ length: 5 }, (_, i) => [10, 100, i * 1000] as [number, number, number]);

  test("normalise its input", async () => {
    const metadata = { "detector.mean": "8, 90", "detector.scale": "2,5" };
    expect(await scoresOf(metadata, STEADY)).toEqual([undefined, undefined, undefined, 12, 12]);
  });

  test("resample its input to the mean of each interval, and bridge a short gap", async () => {
    // Two messages in each of the first intervals of ten seconds; the fourth has none.
    const messages = [0, 2, 10, 12, 20, 22, 40, 50].map(
      (second, i) => [i % 2, 0, second * 1000] as [number, number, number],
    );
    expect(await scoresOf({ "detector.sample_seconds": "10" }, messages)).toEqual([
      ...new Array<undefined>(7).fill(undefined),
      // 0.5 three times, the gap bridged by 0.5, and the value 0 of the interval that ends: the oldest is gone.
      1.5,
    ]);
  });

  test("turn its score round", async () => {
    const scores = await scoresOf({ "detector.anomalous": "lower" }, STEADY);
    expect(scores.at(-1)).toBe(-440);
  });

  test.each([
    [
      { "detector.signals": "pressure,temperature" },
      /it takes the signals pressure, temperature, not temperature, pressure/,
    ],
    [{ "detector.window": "8" }, /it takes a window of 8, not 4/],
    [{ "detector.mean": "1" }, /detector.mean has 1 numbers for 2 signals/],
    [{ "detector.scale": "1,0" }, /detector.scale has a number that is not above 0/],
    [{ "detector.mean": "a,b" }, /detector.mean is not numbers/],
    [{ "detector.anomalous": "both" }, /neither higher nor lower/],
    [{ "detector.sample_seconds": "-1" }, /not one number above 0/],
  ])("%j does not fit: it is refused, and not tried again", async (metadata, reason) => {
    await desire(serve("m", sum(WINDOW, 2, metadata)));
    expect(reported.model).toMatchObject({ status: "refused", reason: expect.stringMatching(reason) as string });
    expect((reported.model as { reason: string }).reason).not.toContain("tried again");
  });
});
