import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import * as fc from "fast-check";
import type { Entry } from "../../src/edge-hub/lane";
import { type Appended, MessageStore, StoreFullError } from "../../src/edge-hub/message-store";

let folder: string;
let store: MessageStore;
let now: number;
let expired: string[];

const open = (limitBytes?: number): Promise<MessageStore> =>
  MessageStore.open({
    folder,
    now: () => now,
    onExpired: (endpoint, { body }) => expired.push(`${endpoint} ${body.toString()}`),
    ...(limitBytes !== undefined && { limitBytes }),
  });

const message = (body: string, endpoint = "e", priority = 5, lifeMs = 1000): Appended => ({
  endpoint,
  priority,
  expiresAt: now + lifeMs,
  message: { id: body, from: "m/o", time: now, body: Buffer.from(body), properties: {}, systemProperties: {} },
});

/** Takes the next message, from disk where it has to. */
async function next(endpoint = "e"): Promise<Entry | undefined> {
  for (;;) {
    const entry = store.next(endpoint);
    if (entry !== undefined || !store.hasNext(endpoint)) return entry;
    await store.load(endpoint);
  }
}

/** Takes everything that waits, without acknowledging it. */
async function takeAll(endpoint = "e"): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const entry = await next(endpoint);
    if (entry === undefined) return bodies;
    bodies.push(entry.message.body.toString());
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "store-"));
  now = 1_000_000;
  expired = [];
  store = await open();
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test("the highest priority comes first, the oldest of it before others", async () => {
  await store.append([message("a", "e", 2_000_000_000)]);
  await store.append([message("b", "e", 9)]);
  await store.append([message("c", "e", 0), message("c2", "f", 0)]);
  await store.append([message("d", "e", 9)]);
  expect(await takeAll()).toEqual(["c", "b", "d", "a"]);
  expect(await takeAll("f")).toEqual(["c2"]);
});

test("what is not acknowledged comes again after its reader is gone, in order, and what is does not", async () => {
  await store.append(["a", "b", "c"].map((body) => message(body)));
  const first = await next();
  await next();
  if (first) store.remove(first);
  store.rewind("e");
  expect(await takeAll()).toEqual(["b", "c"]);
});

test("messages and small values outlive a restart; ids do not come again", async () => {
  await store.append([message("a"), message("b", "e", 0)]);
  store.write("twin", "{}");
  const id = store.makeId();
  await store.append([message("c")]);
  const bytes = store.bytes;
  await store.close();
  store = await open();
  expect(store.bytes).toBe(bytes);
  expect(store.waitingMessages()).toEqual({ e: 3 });
  expect(store.read("twin")).toBe("{}");
  expect(parseInt(store.makeId(), 36)).toBeGreaterThan(parseInt(id, 36));
  expect(await takeAll()).toEqual(["b", "a", "c"]);
});

test("a message is dropped when its time to live is over, and told", async () => {
  await store.append([message("short", "e", 5, 100), message("long", "e", 5, 1000)]);
  now += 100;
  expect(await takeAll()).toEqual(["long"]);
  expect(expired).toEqual(["e short"]);
});

test("messages that nobody reads are dropped as well", async () => {
  await store.append([message("a", "e", 5, 100), message("b", "e", 5, 200), message("c", "f", 5, 50)]);
  now += 150;
  await store.removeExpired();
  expect(expired.sort()).toEqual(["e a", "f c"]);
  expect(store.waitingMessages()).toEqual({ e: 1, f: 0 });
});

test("beyond its limit it takes nothing, not even a part, until something has left", async () => {
  await store.append([message("x".repeat(1000))]);
  await store.close();
  store = await open(store.bytes + 500);
  await expect(store.append([message("y"), message("z".repeat(500))])).rejects.toThrow(StoreFullError);
  expect(store.waitingMessages()).toEqual({ e: 1 });
  const entry = await next();
  if (entry) store.remove(entry);
  await store.append([message("y"), message("z".repeat(500))]);
  expect(await takeAll()).toEqual(["y", "z".repeat(500)]);
});

test("a queue longer than its part in memory is read in order from disk", async () => {
  const bodies = Array.from({ length: 2500 }, (_each, index) => String(index));
  await store.append(bodies.map((body) => message(body)));
  expect(await takeAll()).toEqual(bodies);
  store.rewind("e");
  expect(await takeAll()).toEqual(bodies);
});

test("what is acknowledged leaves the disk, also where it is acknowledged out of order", async () => {
  await store.append(Array.from({ length: 20 }, (_each, index) => message(String(index))));
  const entries: Entry[] = [];
  for (let entry = await next(); entry !== undefined; entry = await next()) entries.push(entry);
  for (const entry of [...entries.slice(1, 15).reverse(), ...entries.slice(0, 1)]) store.remove(entry);
  await store.close();
  const db = new ClassicLevel(folder);
  expect((await db.keys().all()).filter((key) => key.startsWith("m!"))).toHaveLength(5);
  await db.close();
  store = await open();
  expect(store.waitingMessages()).toEqual({ e: 5 });
  expect(await takeAll()).toEqual(["15", "16", "17", "18", "19"]);
});

type Step =
  | { readonly kind: "append"; readonly priority: number; readonly count: number }
  | { readonly kind: "take" | "acknowledge" | "acknowledgeNewest" | "rewind" | "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    priority: fc.integer({ min: 0, max: 2 }),
    count: fc.integer({ min: 1, max: 5 }),
  }),
  fc.constantFrom<Step>(
    { kind: "take" },
    { kind: "take" },
    { kind: "acknowledge" },
    { kind: "acknowledgeNewest" },
    { kind: "rewind" },
    { kind: "restart" },
  ),
);

test("whatever happens, none is lost, in order of its priority; what was acknowledged comes again after a restart at most", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const queue: { readonly body: string; readonly priority: number }[] = [];
      let underWay: Entry[] = [];
      // Acknowledged while an older one was not: known in memory alone.
      let early: typeof queue = [];
      const mayRepeat: typeof queue = [];
      let made = 0;
      const endpoint = `p${Math.random().toString(36).slice(2)}`;
      for (const each of steps) {
        if (each.kind === "append") {
          const added = Array.from({ length: each.count }, () => ({ body: String(made++), priority: each.priority }));
          await store.append(added.map(({ body, priority }) => message(body, endpoint, priority)));
          queue.push(...added);
        } else if (each.kind === "take") {
          const entry = await next(endpoint);
          if (entry) underWay.push(entry);
        } else if (each.kind === "acknowledge" || each.kind === "acknowledgeNewest") {
          const isEarly = each.kind === "acknowledgeNewest" && underWay.length > 1;
          const entry = isEarly ? underWay.pop() : underWay.shift();
          if (entry) {
            store.remove(entry);
            const at = queue.findIndex(({ body }) => body === entry.message.body.toString());
            const acknowledged = at === -1 ? [] : queue.splice(at, 1);
            if (isEarly) early.push(...acknowledged);
          }
        } else {
          underWay = [];
          if (each.kind === "restart") {
            mayRepeat.push(...early);
            early = [];
          }
          if (each.kind === "rewind") store.rewind(endpoint);
          else {
            await store.close();
            store = await open();
          }
        }
      }
      store.rewind(endpoint);
      const taken = await takeAll(endpoint);
      const repeated = mayRepeat.filter(({ body }) => taken.includes(body));
      const expected = [...queue, ...repeated].sort(
        (a, b) => a.priority - b.priority || Number(a.body) - Number(b.body),
      );
      expect(taken).toEqual(expected.map(({ body }) => body));
    }),
    { numRuns: 40 },
  );
});
