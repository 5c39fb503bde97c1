import fc from "fast-check";
import { follow, type Followed, importFile, INITIAL_STATE, Instance, StorageQueue, twinOf } from "../index";
import { AzureStandIn, type Fault } from "./support/azure";
import { alert } from "./support/news";
import { plant } from "./support/plant";

const MACHINE = "machine.aachen-press-01";
const opened = alert({});
const worse = alert({ phase: "escalated", severity: "critical", eventTime: "2026-11-25T06:10:00.000Z", value: 31 });
const closed = alert({ phase: "closed", severity: "critical", eventTime: "2026-11-25T07:00:00.000Z", value: 21 });

let azure: AzureStandIn;
const tokenFor = (scope: string): Promise<string> => Promise.resolve(`token of ${scope}`);
const wait = (): Promise<void> => Promise.resolve();

async function start(): Promise<void> {
  azure = new AzureStandIn();
  await azure.start();
  for (const line of importFile(twinOf(plant), "prod").trimEnd().split("\n")) {
    const one = JSON.parse(line) as Record<string, unknown>;
    if ("@id" in one) azure.models.set(String(one["@id"]), one);
    else if ("$metadata" in one) azure.store(one);
  }
  azure.requests.length = 0;
}

beforeEach(start);
afterEach(() => azure.stop());

const run = (): Promise<Followed> =>
  follow({
    queue: new StorageQueue(`${azure.address}/episodes`, { tokenFor, wait }),
    instance: new Instance({ address: azure.address, tokenFor, wait }),
  });

/** Runs until the queue is empty, as a timer would; messages that were not finished come again in between. */
async function runToTheEnd(): Promise<void> {
  for (let runs = 0; azure.queue.length > 0 && runs < 50; runs += 1) {
    await run();
    azure.endOfVisibilityTimeout();
  }
}

it("writes an episode to the machine and to its signal", async () => {
  azure.send(opened);
  expect(await run()).toMatchObject({ messages: 1, outcomes: { changed: 1 } });
  expect(azure.twin(MACHINE)).toMatchObject({
    name: "aachen-press-01",
    health: "warning",
    healthLevel: 2,
    openEpisodes: 1,
    lastAnomaly: { episodeId: "e-1", explanation: "27.5 °C, expected 20.7 to 21.3" },
  });
  expect(azure.twin("signal.aachen-press-01.temperature")).toMatchObject({
    lastAnomalyAt: "2026-11-25T06:00:00.000Z",
    lastAnomalousValue: 27.5,
  });
  expect(azure.queue).toEqual([]);
  azure.send(worse);
  azure.send(closed);
  await run();
  expect(azure.twin(MACHINE)).toMatchObject({ health: "normal", openEpisodes: 0 });
  expect(azure.twin("signal.aachen-press-01.temperature")).toMatchObject({ lastAnomalousValue: 31 });
});

it("patches nothing for what it knows, what says nothing and machines that are not in the graph", async () => {
  azure.send(opened);
  await run();
  azure.requests.length = 0;
  azure.send(opened);
  azure.send({ data: { body: { machineId: "aachen-press-01", score: 0.1 } } });
  azure.queue.push({ id: "broken", text: "!", hidden: false });
  azure.send(alert({ machineId: "on-no-list", value: undefined }));
  expect(await run()).toMatchObject({ messages: 4, outcomes: { changed: 0, unchanged: 1, unknown: 1 } });
  expect(azure.requests.filter((request) => request.startsWith("PATCH"))).toEqual([]);
  expect(azure.queue).toEqual([]);
});

const expectedAfter = async (events: readonly object[]): Promise<unknown> => {
  for (const event of events) azure.send(event);
  await runToTheEnd();
  return [azure.twin(MACHINE), azure.twin("signal.aachen-press-01.temperature")];
};

it.each([
  ["repetitions", [opened, opened, worse, closed, closed, worse], []],
  ["reversed order", [closed, worse, opened], []],
  ["429, 500 and 503", [opened, worse, closed], ["429", "500", "429", "none", "503", "503", "none", "429"]],
  ["more 500 than one run waits for", [opened, worse, closed], Array.from({ length: 17 }, () => "500")],
  ["connections cut before", [opened, worse, closed], ["none", "cut", "none", "cut", "cut"]],
  ["answers lost", [opened, worse, closed], ["none", "none", "lost", "none", "none", "lost", "lost", "lost"]],
] as const)("comes to the same state with %s", async (_name, events, faults) => {
  const wanted = await expectedAfter([opened, worse, closed]);
  await azure.stop();
  await start();
  azure.faults = [...faults] as Fault[];
  expect(await expectedAfter(events)).toEqual(wanted);
  expect(azure.queue).toEqual([]);
});

it("comes to the same state under any mix of faults, order and repetition", async () => {
  const events = [
    opened,
    worse,
    closed,
    alert({ episodeId: "e-2", severity: "info", startedAt: "2026-11-25T08:00:00.000Z" }),
  ];
  const wanted = await expectedAfter(events);
  const faults = fc.array(fc.constantFrom<Fault>("none", "429", "500", "lost", "cut"), { maxLength: 25 });
  const order = fc
    .array(fc.constantFrom(...events), { maxLength: 4 })
    .chain((more) => fc.shuffledSubarray([...events, ...more], { minLength: events.length + more.length }));
  await fc.assert(
    fc.asyncProperty(order, faults, async (sent, broken) => {
      await azure.stop();
      await start();
      azure.faults = [...broken];
      expect(await expectedAfter(sent)).toEqual(wanted);
    }),
    { numRuns: 25 },
  );
});

it("loses nothing where several run at once", async () => {
  const events = Array.from({ length: 12 }, (_, index) =>
    alert({ episodeId: `e-${index}`, signal: "temperature+pressure" }),
  );
  for (const event of events) azure.send(event);
  await Promise.all([run(), run(), run()]);
  azure.endOfVisibilityTimeout();
  await runToTheEnd();
  expect(azure.queue).toEqual([]);
  expect(azure.twin(MACHINE)).toMatchObject({ openEpisodes: 12 });
});

it("reads again where somebody else was faster", async () => {
  azure.beforePatch = (id) => {
    azure.beforePatch = undefined;
    azure.store({ ...azure.twin(id), name: "Press 1" });
  };
  azure.send(alert({ value: undefined }));
  await run();
  expect(azure.twin(MACHINE)).toMatchObject({ name: "Press 1", health: "warning" });
});

it("leaves in the queue what the instance refuses, and goes on with the next", async () => {
  azure.refused.add(MACHINE);
  azure.send(alert({ value: undefined }));
  azure.send(alert({ machineId: "aachen-press-02", value: undefined }, "aachen-press-02"));
  expect(await run()).toMatchObject({ messages: 2, outcomes: { refused: 1, changed: 1 } });
  expect(azure.queue.length).toBe(1);
});

it("ends its run where the instance is away or refuses the identity, and keeps the message", async () => {
  azure.send(opened);
  azure.faults = ["none", ...Array.from({ length: 5 }, (): Fault => "503")];
  const { problem } = await run();
  expect(problem?.message).toContain("was refused with status 503");
  azure.isDown = true;
  expect((await run()).problem?.message).toContain("cannot be reached");
  azure.isDown = false;
  azure.endOfVisibilityTimeout();
  const denied = await follow({
    queue: new StorageQueue(`${azure.address}/episodes`, { tokenFor, wait }),
    instance: new Instance({ address: azure.address, tokenFor: () => Promise.resolve("another"), wait }),
  });
  expect(denied.problem?.remedy).toContain("sign in");
  expect(azure.twin(MACHINE)).toMatchObject(INITIAL_STATE);
  azure.endOfVisibilityTimeout();
  await run();
  expect(azure.twin(MACHINE)).toMatchObject({ health: "warning" });
});
