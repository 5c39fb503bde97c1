import { parseRoute } from "../../src/edge-hub/route-grammar";
import { Router } from "../../src/edge-hub/router";

const route = (
  name: string,
  text: string,
  priority = 5,
  timeToLiveSeconds = 60,
): ConstructorParameters<typeof Router>[0][number] => ({
  name,
  text,
  route: parseRoute(text),
  priority,
  timeToLiveSeconds,
});

const message = { source: "/messages/modules/sensor/outputs/out", properties: { level: "high" }, body: "{}" };
const SENSOR = "FROM /messages/modules/sensor/outputs/out";

test("a message takes every route that it fits, and no other", () => {
  const router = new Router([
    route("all", "FROM /messages/* INTO $upstream"),
    route("high", `${SENSOR} WHERE level = 'high' INTO BrokeredEndpoint("/modules/a/inputs/x")`),
    route("low", `${SENSOR} WHERE level = 'low' INTO BrokeredEndpoint("/modules/b/inputs/x")`),
    route("other", 'FROM /messages/modules/camera/outputs/out INTO BrokeredEndpoint("/modules/c/inputs/x")'),
  ]);
  const { routes, targets } = router.route(message);
  expect(routes).toEqual(["all", "high"]);
  expect(targets.map(({ endpoint }) => endpoint)).toEqual(["$upstream", "a/x"]);
});

test("it reaches an endpoint once: by the highest priority, and of equal ones the longest time to live", () => {
  const router = new Router([
    route("a", `${SENSOR} INTO $upstream`, 9, 1000),
    route("b", `${SENSOR} INTO $upstream`, 0, 10),
    route("c", `${SENSOR} INTO $upstream`, 0, 20),
  ]);
  const { routes, targets } = router.route(message);
  expect(routes).toEqual(["a", "b", "c"]);
  expect(targets).toEqual([{ endpoint: "$upstream", priority: 0, timeToLiveSeconds: 20 }]);
});

test("two inputs of one module are two endpoints", () => {
  const router = new Router([
    route("a", `${SENSOR} INTO BrokeredEndpoint("/modules/m/inputs/x")`),
    route("b", `${SENSOR} INTO BrokeredEndpoint("/modules/m/inputs/y")`),
  ]);
  expect(router.route(message).targets.map(({ endpoint }) => endpoint)).toEqual(["m/x", "m/y"]);
});

test("a message that no route takes goes nowhere", () => {
  expect(new Router([]).route(message)).toEqual({ routes: [], targets: [] });
});
