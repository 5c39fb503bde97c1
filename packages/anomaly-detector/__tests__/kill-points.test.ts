import { cpSync, mkdtempSync, promises as files, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hub } from "../src/hub";
import { DetectorModule } from "../src/module";
import { StateStore } from "../src/state-store";

/**
 * The module is killed at every point where something becomes lasting: before and after each write to the disk, each
 * rename and removal, each alert that the hub takes and each message that is acknowledged. What the disk and the hub
 * hold at that point is copied; later a new module starts from the copy, gets what was not acknowledged once more, and
 * the rest. Whatever the point, each episode that the hub was told of has to be closed there.
 */
interface Point {
  readonly name: string;
  readonly directory: string;
  /** Alerts that the hub has. */
  readonly taken: readonly Told[];
  /** Messages that the module has been given, and those of them that it has acknowledged. */
  readonly given: number;
  readonly acknowledged: ReadonlySet<number>;
}

interface Told {
  readonly episodeId: string;
  readonly phase: string;
  readonly machineId: string;
  readonly reason?: string;
}

/** How long the disk and the hub take, in milliseconds: which of them is first decides what a kill can separate. */
type Speeds = Readonly<Record<"disk" | "hub", number>>;

const START = Date.now() - 3_600_000;
const MACHINES = ["a", "b"];
const DESIRED = { $version: 1, signals: { x: "x" }, machineIdPath: "m", timePath: "t", limits: { x: { high: 100 } } };
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Messages of each machine until the last point, and in all: quiet ones may be lost with a kill, and others come. */
const UNTIL = 24;
const ALL = 48;

/** For each machine: normal readings, one beyond the limit, and normal ones again until its episode is over. */
function inputs(count = UNTIL): Buffer[] {
  const all: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    for (const [k, m] of MACHINES.entries()) {
      const x = i === 6 + 2 * k ? 200 : 20 + Math.sin(i * i + k);
      all.push(Buffer.from(JSON.stringify({ m, x, t: new Date(START + i * 1000).toISOString() })));
    }
  }
  return all;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kill-points-"));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await files.rm(folder, { recursive: true });
});

function hubOf(taken: Told[], around: (name: string, take: () => void) => Promise<void>): Hub {
  return {
    send: async ({ output, body }) => {
      const take = (): void => {
        taken.push(JSON.parse(body) as Told);
      };
      if (output === "anomalyOutput") await around("hub", take);
    },
    report: () => Promise.resolve(),
  };
}

const moduleOf = (directory: string): DetectorModule =>
  new DetectorModule({
    directory,
    deviceId: "device",
    log: () => undefined,
    outbox: { maxAlerts: 1000, maxOthers: 1000, concurrency: 4, retryMs: 1 },
  });

/** Copies a folder whose files another thread may be renaming or removing: a copy that misses one is made again. */
function copyWhole(from: string, to: string): void {
  for (let left = 20; ; left--) {
    try {
      cpSync(from, to, { recursive: true });
      return;
    } catch (error) {
      if (left === 0 || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      rmSync(to, { recursive: true, force: true });
    }
  }
}

/** Runs once without a kill and keeps what is there at every point. */
async function record(speeds: Speeds, saveAt: readonly number[]): Promise<Point[]> {
  const directory = join(folder, "live");
  await files.mkdir(directory);
  const points: Point[] = [];
  const taken: Told[] = [];
  const acknowledged = new Set<number>();
  let given = 0;
  const keep = (name: string): void => {
    const copy = join(folder, `point-${points.length}`);
    copyWhole(directory, copy);
    points.push({ name, directory: copy, taken: [...taken], given, acknowledged: new Set(acknowledged) });
  };
  const { open, rename, rm } = files;
  jest.spyOn(files, "open").mockImplementation(async (...args) => {
    const handle = await open(...args);
    for (const method of ["appendFile", "write", "datasync", "sync"] as const) {
      const original = (handle[method] as (...given: unknown[]) => Promise<unknown>).bind(handle);
      Object.assign(handle, {
        [method]: async (...given: unknown[]) => {
          keep(`before ${method}`);
          await pause(speeds.disk);
          const result = await original(...given);
          keep(`after ${method}`);
          return result;
        },
      });
    }
    return handle;
  });
  jest.spyOn(files, "rename").mockImplementation(async (...args) => {
    keep("before rename");
    await rename(...args);
    keep("after rename");
  });
  jest.spyOn(files, "rm").mockImplementation(async (...args) => {
    keep("before rm");
    await rm(...args);
  });
  const detector = moduleOf(directory);
  await detector.start();
  detector.events.onOpened(
    hubOf(taken, async (name, take) => {
      keep(`before ${name}`);
      await pause(speeds.hub);
      take();
      keep(`after ${name}`);
      await pause(speeds.hub);
    }),
  );
  await detector.events.onDesired(DESIRED);
  const done = inputs().map(async (body, i) => {
    // Messages arrive one after the other; some are under way at the same time.
    await pause(i * 2);
    given = i + 1;
    if (saveAt.includes(i)) void detector.saveState();
    await detector.events.onMessage(body, undefined);
    acknowledged.add(i);
    keep(`after acknowledgement`);
  });
  await Promise.all(done);
  await detector.idle();
  while ((detector.status().pendingMessages as number) > 0) await pause(1);
  await detector.stop();
  jest.restoreAllMocks();
  return points;
}

/** What the hub has in the end when the module is killed at a point and started again. */
async function goOn({ directory, taken, given, acknowledged }: Point, desired: unknown = DESIRED): Promise<Told[]> {
  const all = [...taken];
  const detector = moduleOf(directory);
  await detector.start();
  detector.events.onOpened(
    hubOf(all, (_name, take) => {
      take();
      return Promise.resolve();
    }),
  );
  await detector.events.onDesired(desired as Readonly<Record<string, unknown>>);
  for (const [i, body] of inputs(ALL).entries()) {
    if (i < given && acknowledged.has(i)) continue;
    await detector.events.onMessage(body, undefined);
  }
  while ((detector.status().pendingMessages as number) > 0) await pause(1);
  await detector.stop();
  return all;
}

/** Episodes that the hub takes for open in the end, and machines whose anomaly it was never told of. */
function problemsOf(told: readonly Told[]): string[] {
  const ids = [...new Set(told.map(({ episodeId }) => episodeId))];
  const notClosed = ids
    .filter((id) => told.filter(({ episodeId }) => episodeId === id).at(-1)?.phase !== "closed")
    .map((id) => `${told.find(({ episodeId }) => episodeId === id)?.machineId ?? ""} is never closed`);
  const opened = new Set(told.filter(({ phase }) => phase === "opened").map(({ machineId }) => machineId));
  return [...notClosed, ...MACHINES.filter((m) => !opened.has(m)).map((m) => `${m} was never opened`)];
}

test.each<[string, Speeds]>([
  ["the hub is faster than the disk", { disk: 6, hub: 0 }],
  ["the disk is faster than the hub", { disk: 0, hub: 6 }],
])(
  "each episode that the hub was told of is closed, wherever the module is killed: %s",
  async (_name, speeds) => {
    const points = await record(speeds, [5, 13, 21]);
    expect(points.length).toBeGreaterThan(60);
    const wrong: string[] = [];
    for (const [i, point] of points.entries()) {
      const problems = problemsOf(await goOn(point));
      if (problems.length > 0) wrong.push(`point ${i}, ${point.name}: ${problems.join(", ")}`);
    }
    expect(wrong).toEqual([]);
  },
  120_000,
);

describe("an episode whose machine's state is lost is closed by the next start", () => {
  const started = (taken: Told[], directory: string): Promise<DetectorModule> => {
    const detector = moduleOf(directory);
    const hub = hubOf(taken, (_name, take) => {
      take();
      return Promise.resolve();
    });
    return detector.start().then(() => {
      detector.events.onOpened(hub);
      return detector;
    });
  };

  async function leaveOpen(taken: Told[]): Promise<void> {
    const detector = await started(taken, folder);
    await detector.events.onDesired(DESIRED);
    for (const body of inputs(10)) await detector.events.onMessage(body, undefined);
    await detector.stop();
    expect(taken).toMatchObject(MACHINES.map((machineId) => ({ machineId, phase: "opened" })));
  }

  test.each<[string, () => Promise<void>]>([
    [
      "another version of the detector starts",
      async () => {
        const store = new StateStore(join(folder, "state.ndjson"));
        const { state } = await store.load();
        if (!state) throw new Error("nothing was saved");
        const engine = { ...state.header.engine, detectorVersion: "1.0.0" };
        await store.save({ ...state, header: { ...state.header, engine } });
      },
    ],
    [
      "one machine's data are not sound",
      async () => {
        const store = new StateStore(join(folder, "state.ndjson"));
        const { state } = await store.load();
        if (!state) throw new Error("nothing was saved");
        const machines = state.machines.map(([id, saved]) => [id, { ...saved, messages: -1 }] as const);
        await store.save({ ...state, machines });
      },
    ],
  ])("%s", async (_name, lose) => {
    const taken: Told[] = [];
    await leaveOpen(taken);
    await lose();
    const detector = await started(taken, folder);
    while ((detector.status().pendingMessages as number) > 0) await pause(1);
    expect(taken.slice(2)).toMatchObject(
      MACHINES.map((machineId) => ({ machineId, phase: "closed", reason: "restarted" })),
    );
    expect(problemsOf(taken)).toEqual([]);
    await detector.stop();
    // And not once more.
    const again = await started(taken, folder);
    await again.stop();
    expect(taken).toHaveLength(4);
  });
});
