import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { accessToken, type Credentials, makeCredentials, userName } from "../../src/edge-hub/credentials";
import { mergeLayers } from "../../src/edge-hub/deployment";
import { EdgeHub } from "../../src/edge-hub/edge-hub";
import type { QueuedMessage } from "../../src/edge-hub/queued-message";
import { ModuleClient } from "../../src/modules/module-client";
import { input } from "../helpers/fixture";

/** The hub in this process, over real MQTT and TLS. */
let folder: string;
let hub: EdgeHub;
let credentials: Credentials;
let upstream: { readonly message: QueuedMessage; readonly settle: () => void }[];
let expired: string[];
let refused: number;
const clients: { close(): Promise<void> }[] = [];

async function start(limitBytes?: number, port = 0): Promise<void> {
  hub = await EdgeHub.start({
    deviceId: input.deviceId,
    deployment: mergeLayers(input.layers),
    credentials,
    folder,
    port,
    leafDevices: [],
    ...(limitBytes !== undefined && { limitBytes }),
    onAccepted: () => Promise.resolve(),
    onExpired: ({ id }) => expired.push(id),
    onFull: () => (refused += 1),
    onUpstream: (message, settle) => upstream.push({ message, settle }),
  });
}

beforeAll(() => {
  credentials = makeCredentials();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-hub-"));
  upstream = [];
  expired = [];
  refused = 0;
  await start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await hub.stop();
  await rm(folder, { recursive: true });
});

async function moduleClient(module: string, onMessage?: (text: string) => void): Promise<ModuleClient> {
  const client = await ModuleClient.connect({
    identity: { deviceId: input.deviceId, module },
    port: hub.port,
    credentials,
    ...(onMessage && {
      onMessage: ({ input: name, body }) => {
        onMessage(`${name} ${body.toString()}`);
      },
    }),
  });
  clients.push(client);
  return client;
}

/** A module as azure-iot-device is one: it subscribes, asks and answers by topics. */
async function rawClient(module: string, user = userName({ deviceId: input.deviceId, module })): Promise<MqttClient> {
  const mqtt = await connectAsync(
    `mqtts://localhost:${hub.port}`,
    {
      clientId: `${input.deviceId}/${module}`,
      username: user,
      password: accessToken({ deviceId: input.deviceId, module }, credentials.accessKey),
      ca: credentials.certificate,
      reconnectPeriod: 0,
    },
    false,
  );
  clients.push({ close: () => mqtt.endAsync(true) });
  return mqtt;
}

async function until<T>(find: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("not within 5 s");
}

test("a message reaches each endpoint that its routes lead to, with its properties", async () => {
  const seen: string[] = [];
  await moduleClient("detector", (text) => seen.push(text));
  const sensor = await moduleClient("sensor");
  await sensor.send('{"a":1}', "temperatureOutput");
  await until(() => seen.length > 0 && upstream.length > 0);
  expect(seen).toEqual(['sensorInput {"a":1}']);
  expect(upstream[0]?.message).toMatchObject({
    from: "sensor/temperatureOutput",
    systemProperties: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      connectionDeviceId: "device-1",
      connectionModuleId: "sensor",
    },
  });
});

test("a module that comes later gets what waited, in order, and nothing again that it has acknowledged", async () => {
  const sensor = await moduleClient("sensor");
  for (let index = 0; index < 150; index++) await sensor.send(String(index), "temperatureOutput");
  const seen: string[] = [];
  const first = await moduleClient("detector", (text) => seen.push(text));
  await until(() => seen.length === 150);
  await until(() => hub.waiting.messages["detector/sensorInput"] === 0);
  await first.close();
  await sensor.send("last", "temperatureOutput");
  await moduleClient("detector", (text) => seen.push(text));
  await until(() => seen.length === 151);
  expect(seen).toEqual([...Array.from({ length: 150 }, (_each, index) => `sensorInput ${index}`), "sensorInput last"]);
});

test("what is for the cloud waits while it is cut off, survives a restart, and leaves by priority", async () => {
  hub.setCloud(false);
  const sensor = await moduleClient("sensor");
  const detector = await moduleClient("detector");
  await sensor.send("telemetry", "temperatureOutput");
  await detector.send("alert", "anomalyOutput");
  expect(hub.waiting.messages.$upstream).toBe(2);
  for (const client of clients.splice(0)) await client.close();
  await hub.stop();
  upstream = [];
  await start();
  await until(() => upstream.length === 2);
  expect(upstream.map(({ message }) => message.body.toString())).toEqual(["alert", "telemetry"]);
  for (const { settle } of upstream) settle();
  expect(hub.waiting.messages.$upstream).toBe(0);
});

test("what the cloud had not taken when it was cut off is sent again, and a late answer changes nothing", async () => {
  const sensor = await moduleClient("sensor");
  await sensor.send("a", "temperatureOutput");
  const [before] = await until(() => upstream.length === 1 && upstream.splice(0));
  hub.setCloud(false);
  hub.setCloud(true);
  before?.settle();
  const [again] = await until(() => upstream.length === 1 && upstream.splice(0));
  expect(again?.message.id).toBe(before?.message.id);
  expect(hub.waiting.messages.$upstream).toBe(1);
  again?.settle();
  expect(hub.waiting.messages.$upstream).toBe(0);
});

test("quickly cut and connected again, nothing stays behind", async () => {
  const sensor = await moduleClient("sensor");
  for (let index = 0; index < 20; index++) {
    await sensor.send(String(index), "temperatureOutput");
    hub.setCloud(index % 2 === 1);
  }
  hub.setCloud(false);
  upstream = [];
  hub.setCloud(true);
  hub.setCloud(false);
  hub.setCloud(true);
  await until(() => {
    for (const { settle } of upstream) settle();
    return hub.waiting.messages.$upstream === 0;
  });
  expect([...new Set(upstream.map(({ message }) => message.body.toString()))]).toHaveLength(20);
});

test("a full store acknowledges nothing: the sender keeps its message and sends it when there is room", async () => {
  for (const client of clients.splice(0)) await client.close();
  await hub.stop();
  await start(2000);
  hub.setCloud(false);
  const detector = await moduleClient("detector");
  await detector.send("x".repeat(1500), "anomalyOutput");
  let isTaken = false;
  const second = detector.send("y".repeat(1000), "anomalyOutput").then(() => (isTaken = true));
  await until(() => refused > 0);
  expect(isTaken).toBe(false);
  hub.setCloud(true);
  await until(() => {
    for (const { settle } of upstream) settle();
    return isTaken;
  });
  await second;
  expect(expired).toEqual([]);
});

test("a module gets its twin, reports, and is told of changes and direct methods", async () => {
  const mqtt = await rawClient("detector");
  const answers = new Map<string, string>();
  mqtt.on("message", (topic, payload) => {
    answers.set(topic, payload.toString());
    const [, name, id] = /^\$iothub\/methods\/POST\/([^/]+)\/\?\$rid=(.+)$/.exec(topic) ?? [];
    if (id !== undefined) mqtt.publish(`$iothub/methods/res/200/?$rid=${id}`, JSON.stringify({ name }));
  });
  expect(await hub.callMethod("detector", "status", {}, 1000)).toMatchObject({ status: 404 });
  await mqtt.subscribeAsync([
    "$iothub/twin/res/#",
    "$iothub/methods/POST/#",
    "$iothub/twin/PATCH/properties/desired/#",
  ]);
  mqtt.publish("$iothub/twin/GET/?$rid=1", "");
  const twin = await until(() => answers.get("$iothub/twin/res/200/?$rid=1"));
  expect(JSON.parse(twin)).toMatchObject({
    desired: { timePath: "timeCreated", $version: 2 },
    reported: { $version: 1 },
  });
  mqtt.publish("$iothub/twin/PATCH/properties/reported/?$rid=2", '{"state":"ok"}');
  await until(() => answers.has("$iothub/twin/res/204/?$rid=2&$version=2"));
  expect(hub.reported("detector")).toEqual({ state: "ok", $version: 2 });
  hub.patchDesired("detector", { timePath: null, quiet: 1 });
  const patch = await until(() => answers.get("$iothub/twin/PATCH/properties/desired/?$version=3"));
  expect(JSON.parse(patch)).toEqual({ timePath: null, quiet: 1, $version: 3 });
  expect(await hub.callMethod("detector", "status", {}, 5000)).toEqual({ status: 200, payload: { name: "status" } });
});

test("a method that is not answered ends with 504", async () => {
  const mqtt = await rawClient("detector");
  await mqtt.subscribeAsync("$iothub/methods/POST/#");
  expect(await hub.callMethod("detector", "slow", {}, 50)).toMatchObject({ status: 504 });
});

test.each([
  ["a module that is not deployed", "camera", undefined],
  ["a user name of another hub", "detector", "other.example.com/device-1/detector/?api-version=1"],
])("%s may not connect", async (_what, module, user) => {
  await expect(rawClient(module, user)).rejects.toThrow(/Not authorized|Bad username|Connection refused/);
});

test("a module may not publish as another one", async () => {
  const mqtt = await rawClient("detector");
  const closed = new Promise((resolve) =>
    mqtt.once("close", () => {
      resolve(undefined);
    }),
  );
  mqtt.publish("devices/device-1/modules/sensor/messages/events/%24.on=temperatureOutput", "{}", { qos: 1 });
  await closed;
  expect(upstream).toEqual([]);
});
