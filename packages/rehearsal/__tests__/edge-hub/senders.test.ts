import { parseRoute } from "../../src/edge-hub/route-grammar";
import type { DeployedRoute } from "../../src/edge-hub/deployment";
import type { QueuedMessage } from "../../src/edge-hub/queued-message";
import { Router } from "../../src/edge-hub/router";
import { Senders, WrittenProperties } from "../../src/edge-hub/senders";

const route = (name: string, text: string): DeployedRoute => ({
  name,
  text,
  route: parseRoute(text),
  priority: 5,
  timeToLiveSeconds: 60,
});
const sensor = { deviceId: "d", module: "sensor" };
const TOPIC = "devices/d/modules/sensor/messages/events/%24.on=out&kind=a/";

test("a route that asks for the body is asked for each message", () => {
  const routes = [route("hot", "FROM /messages/* WHERE $body.t > 5 INTO $upstream")];
  const senders = new Senders(new Router(routes));
  const topic = "devices/d/modules/sensor/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8/";
  const names = ['{"t":9}', '{"t":1}', '{"t":9}'].map((body) =>
    senders.route(senders.get(sensor, topic), Buffer.from(body)).routes.join(),
  );
  expect(names).toEqual(["hot", "", "hot"]);
});

test("bodies are not looked at where no route asks for them", () => {
  const senders = new Senders(
    new Router([
      route("all", "FROM /messages/modules/sensor/outputs/out INTO $upstream"),
      route("kind", "FROM /messages/* WHERE kind = 'b' INTO $upstream"),
    ]),
  );
  const body = Buffer.from("{}");
  const toString = jest.spyOn(body, "toString");
  const first = senders.route(senders.get(sensor, TOPIC), body);
  expect(first.routes).toEqual(["all"]);
  expect(senders.route(senders.get(sensor, TOPIC), body)).toBe(first);
  expect(toString).not.toHaveBeenCalled();
});

test("what one client may send to, another may not, also after the first has", () => {
  const senders = new Senders(new Router([]));
  senders.get(sensor, TOPIC);
  expect(() => senders.get({ deviceId: "d", module: "other" }, TOPIC)).toThrow("other may not publish to");
});

test("messages of one sender differ by their id alone, and a sender's own id stands", () => {
  const written = new WrittenProperties();
  const message = (id: string, systemProperties: Record<string, string>): QueuedMessage => ({
    id,
    from: "m",
    time: 0,
    body: Buffer.from(""),
    properties: { a: "b c" },
    systemProperties,
  });
  const shared = { contentType: "application/json" };
  expect(written.of(message("1", shared))).toBe("%24.mid=1&%24.ct=application%2Fjson&a=b%20c");
  expect(written.of(message("2", shared))).toBe("%24.mid=2&%24.ct=application%2Fjson&a=b%20c");
  expect(written.of(message("3", { messageId: "own" }))).toBe("%24.mid=own&a=b%20c");
});
