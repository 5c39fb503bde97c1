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
