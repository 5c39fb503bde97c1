import { wordsOf } from "../src/words";

const event = (body: object): unknown => ({
  topic: "hub",
  eventTime: "2026-11-25T08:00:00Z",
  data: { body, properties: {}, systemProperties: { "iothub-connection-device-id": "gateway" } },
});
const alert = {
  episodeId: "e1",
  machineId: "press-1",
  phase: "opened",
  eventTime: "2026-11-25T08:00:00Z",
  kind: "level",
};

test("a model's drift from a machine is no work on the machine, an anomaly is", () => {
  expect(wordsOf(event(alert))).toMatchObject([{ says: "seen", episode: { machineId: "press-1" } }]);
  expect(wordsOf(event({ ...alert, kind: "modelDrift" }))).toEqual([]);
  expect(wordsOf(event({ ...alert, kind: "modelDrift", phase: "closed" }))).toEqual([]);
});
