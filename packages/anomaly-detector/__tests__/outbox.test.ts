import { Outbox, type OutboxMessage } from "../src/outbox";

const OPTIONS = { maxAlerts: 3, maxOthers: 2, concurrency: 4, retryMs: 5 };

function alert(body: string): OutboxMessage {
  return { output: "anomalyOutput", body };
}

function score(body: string): OutboxMessage {
  return { output: "scoredOutput", body };
}

/** A hub that can be away. */
class FakeHub {
  public taken: string[] = [];
  public away = false;
  public attempts = 0;
  public readonly send = (message: OutboxMessage): Promise<void> => {
    this.attempts++;
    if (this.away) return Promise.reject(new Error("away"));
    this.taken.push(message.body);
    return Promise.resolve();
  };
}

let outbox: Outbox | undefined;

function make(hub: FakeHub, onFailure = (): void => undefined): Outbox {
  outbox = new Outbox(hub.send, onFailure, OPTIONS);
  return outbox;
}

afterEach(() => {
  outbox?.close();
});

test("messages reach the hub, alerts in order", async () => {
  const hub = new FakeHub();
  const box = make(hub);
  for (const body of ["1", "2", "3"]) box.push(alert(body));
  expect(await box.drain(1000)).toBe(true);
  expect(hub.taken).toEqual(["1", "2", "3"]);
  expect(box.sent).toBe(3);
});

test("what the hub does not take is kept and sent when it is back", async () => {
  const hub = new FakeHub();
  hub.away = true;
  const failed = new Promise<void>((resolve) => make(hub, resolve));
  outbox?.push(alert("1"));
  outbox?.push(score("2"));
  await failed;
  expect(outbox?.pendingAlerts()).toEqual([alert("1")]);
  hub.away = false;
  outbox?.nudge();
  expect(await outbox?.drain(1000)).toBe(true);
  expect([...hub.taken].sort()).toEqual(["1", "2"]);
});

test("it tries again by itself", async () => {
  const hub = new FakeHub();
  hub.away = true;
  const twice = new Promise<void>((resolve) => {
    make(hub, () => {
      if (hub.attempts >= 2) resolve();
    });
  });
  outbox?.push(alert("1"));
  await twice;
  hub.away = false;
  expect(await outbox?.drain(1000)).toBe(true);
});

test("a full lane drops its oldest, counts it, and leaves the other lane alone", async () => {
  const hub = new FakeHub();
  hub.away = true;
  const failed = new Promise<void>((resolve) => make(hub, resolve));
  outbox?.push(alert("first"));
  await failed;
  for (const body of ["1", "2", "3"]) outbox?.push(score(body));
  expect(outbox?.dropped).toEqual({ alerts: 0, others: 1 });
  for (const body of ["1", "2", "3"]) outbox?.push(alert(body));
  expect(outbox?.dropped).toEqual({ alerts: 1, others: 1 });
  expect(outbox?.pendingAlerts().map(({ body }) => body)).toEqual(["1", "2", "3"]);
});

test("draining gives up after its time", async () => {
  const hub = new FakeHub();
  hub.away = true;
  const box = make(hub);
  box.push(alert("1"));
  expect(await box.drain(20)).toBe(false);
});

test("closed it sends nothing more", () => {
  const hub = new FakeHub();
  const box = make(hub);
  box.close();
  box.push(alert("1"));
  expect(hub.attempts).toBe(0);
  expect(box.pendingAlerts()).toHaveLength(1);
});

test("what fails together is sent again in its order", async () => {
  const hub = new FakeHub();
  const attempts: ((error?: Error) => void)[] = [];
  outbox = new Outbox(
    (message) =>
      new Promise((resolve, reject) => {
        attempts.push((error) => {
          if (error) {
            reject(error);
            return;
          }
          hub.taken.push(message.body);
          resolve();
        });
      }),
    () => undefined,
    { ...OPTIONS, maxOthers: 10 },
  );
  for (const body of ["1", "2", "3", "4", "5", "6"]) outbox.push(score(body));
  // Four are under way. The connection breaks, and the library tells of them in an order of its own.
  for (const index of [2, 0, 3, 1]) attempts[index]?.(new Error("away"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(attempts).toHaveLength(4);
  outbox.nudge();
  for (let i = 4; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    attempts[i]?.();
  }
  expect(await outbox.drain(1000)).toBe(true);
  expect(hub.taken).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test("whoever gave a message is told that the hub has it, or that it was dropped", async () => {
  const hub = new FakeHub();
  hub.away = true;
  const failed = new Promise<void>((resolve) => make(hub, resolve));
  const settled: [string, boolean][] = [];
  const push = (body: string): void => outbox?.push(score(body), (taken) => settled.push([body, taken]));
  outbox?.push(alert("a"));
  await failed;
  for (const body of ["1", "2", "3"]) push(body);
  expect(settled).toEqual([["1", false]]);
  hub.away = false;
  outbox?.nudge();
  await outbox?.drain(1000);
  expect(settled).toEqual([
    ["1", false],
    ["2", true],
    ["3", true],
  ]);
});

test("feedback is kept as alerts are, and in order with them", async () => {
  const hub = new FakeHub();
  const box = make(hub);
  box.push(alert("1"));
  box.push({ output: "feedbackOutput", body: "2" });
  box.push(alert("3"));
  expect(box.pendingAlerts().map(({ body }) => body)).toEqual(["1", "2", "3"]);
  await box.drain(1000);
  expect(hub.taken).toEqual(["1", "2", "3"]);
});
