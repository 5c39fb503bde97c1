import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../bench/random";
import { ModelServer } from "./chaos/model-server";
import { freePort, ModuleProcess } from "./chaos/module-process";
import { buildPrograms, type Programs } from "./helpers/build";
import { makeCertificate } from "./helpers/certificate";
import { EdgeHub } from "./helpers/edge-hub";
import { sumOfMagnitudes } from "./helpers/onnx";

/**
 * The module's program, with the real client, against a broker over TLS that keeps sessions as the edge hub does. In
 * each round something goes wrong and the process is killed in the midst of messages. `npm run chaos` runs 200 rounds.
 */
const ROUNDS = Number(process.env.CHAOS_ROUNDS ?? 16);
const MACHINES_A_ROUND = 5;
const HIGH = 100;
const KINDS = ["kill", "slowHub", "cut", "fullDisk", "clockJump", "slowModel", "lyingModel", "terminate"] as const;
type Kind = (typeof KINDS)[number];

/** What the health check has to say while something is wrong. */
const HONEST: Partial<Readonly<Record<Kind, RegExp>>> = {
  cut: /not connected to the hub/,
  fullDisk: /^state: .*ENOSPC/,
  slowModel: /^model: .*is being fetched/,
  lyingModel: /^model: .*sha256 of .* is [0-9a-f]{64}, not/,
};

const certificate = makeCertificate();
const random = seededRandom(200);
let programs: Programs;
let directory: string;
let hub: EdgeHub;
let server: ModelServer;
let detector: ModuleProcess;
/** Machines in the order in which their anomaly was sent. */
const anomalies: string[] = [];
let inputs = 0;

beforeAll(async () => {
  programs = buildPrograms();
  directory = await mkdtemp(join(tmpdir(), "chaos-"));
  hub = new EdgeHub(certificate);
  server = new ModelServer(certificate, sumOfMagnitudes(4, 1));
  await Promise.all([hub.listen(), server.listen()]);
  const ca = join(directory, "ca.pem");
  await writeFile(ca, certificate.cert);
  detector = new ModuleProcess(programs.main, directory, await freePort(), {
    EdgeHubConnectionString: hub.connectionString,
    EdgeModuleCACertificateFile: ca,
    MODEL_CA_FILE: ca,
  });
  hub.desired = {
    $version: 1,
    signals: { a: "a" },
    machineIdPath: "m",
    timePath: "t",
    limits: { a: { high: HIGH } },
    stateSaveSeconds: 1,
    cooldownMessages: 0,
    quietMessages: 1,
    scoredOutput: { mode: "sampled" },
  };
});

afterAll(async () => {
  await detector.kill("SIGKILL");
  await Promise.all([hub.close(), server.close()]);
  programs.remove();
  await rm(directory, { recursive: true });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves when the condition holds; fails with what the module said last when it does not in time. */
async function eventually(what: string, holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (await holds()) return;
    await pause(25);
  }
  throw new Error(`${what}: not within ${seconds} s\n${detector.log.slice(-30).join("\n")}`);
}

async function send(machine: string, value: number): Promise<void> {
  inputs++;
  await hub.input({ m: machine, a: value, t: new Date().toISOString() });
}

/** Each machine has one anomaly, so that each has to have an alert of its own. */
async function sendRound(round: number): Promise<void> {
  for (let i = 0; i < MACHINES_A_ROUND; i++) {
    const machine = `r${round}-${i}`;
    await send(machine, 20 + random());
    anomalies.push(machine);
    await send(machine, HIGH + 1 + random());
    await send(machine, 20 + random());
  }
}

async function begin(kind: Kind, round: number): Promise<void> {
  switch (kind) {
    case "slowHub":
      hub.takesAfterMs = 400;
      return;
    case "cut":
      await hub.cut();
      return;
    case "fullDisk":
      detector.control({ isDiskFull: true });
      await pause(30);
      return;
    case "clockJump":
      detector.control({ clockMs: (random() - 0.5) * 4 * 86_400_000 });
      await pause(30);
      return;
    case "slowModel":
    case "lyingModel":
      server.manners = kind === "slowModel" ? "slow" : "lying";
      await rm(join(directory, "data/models"), { recursive: true, force: true });
      await hub.patchDesired({ model: server.model(`v${round}`) });
      return;
    default:
  }
}

async function end(kind: Kind): Promise<void> {
  hub.takesAfterMs = 0;
  server.manners = "honest";
  detector.control({});
  if (kind === "cut") await hub.listen();
}

const checks = new Map<Kind, number>();

/** Looks at the health check twice for each kind: it takes its time. */
async function expectHonesty(kind: Kind): Promise<void> {
  const expected = HONEST[kind];
  const count = checks.get(kind) ?? 0;
  if (!expected || count >= 2) return;
  checks.set(kind, count + 1);
  let last = "";
  await eventually(`health of ${kind} to say ${String(expected)}`, async () => {
    const health = await detector.health();
    last = JSON.stringify(health);
    return health?.status === "degraded" && health.reasons.some((reason) => expected.test(reason));
  }).catch((error: unknown) => {
    throw new Error(`${last} ${String(error)}`);
  });
}

function firstOpened(): string[] {
  const opened = hub.outputs("anomalyOutput").filter(({ phase }) => phase === "opened");
  return [...new Set(opened.map(({ machineId }) => String(machineId)))];
}

test(
  `${ROUNDS} kills, cuts, full disks, jumping clocks and bad model servers cost no accepted anomaly its alert`,
  async () => {
    const startAndSubscribe = async (): Promise<void> => {
      const before = hub.subscriptions;
      detector.start();
      await eventually("subscription", () => hub.subscriptions > before);
    };
    await startAndSubscribe();
    for (let round = 0; round < ROUNDS; round++) {
      const kind = KINDS[round % KINDS.length] ?? "kill";
      await begin(kind, round);
      const sending = sendRound(round);
      if (HONEST[kind]) await expectHonesty(kind);
      await pause(random() * 150);
      await detector.kill(kind === "terminate" ? "SIGTERM" : "SIGKILL");
      await sending;
      await end(kind);
      await startAndSubscribe();
    }
    await eventually("acknowledgement of all messages", () => hub.acknowledged.size === inputs);
    await eventually("alerts of all machines", () => firstOpened().length >= anomalies.length);
    expect(firstOpened()).toEqual(anomalies);
    await eventually("a health that is ok", async () => {
      const health = await detector.health();
      return health?.reasons.every((reason) => reason.startsWith("state: restored")) ?? false;
    });
    expect((await readdir(join(directory, "data/models"))).filter((name) => name.endsWith(".onnx"))).toHaveLength(1);
  },
  60_000 + ROUNDS * 10_000,
);
