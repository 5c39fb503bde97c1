import { PROBE } from "@edge-anomaly-detection/detector-contract";
import { DETECTOR_VERSION } from "./alerts";
import type { MethodAnswer } from "./methods";
import type { Outbox } from "./outbox";

/** Seconds that the answer waits for the edge hub to take the message. */
const TAKEN_WITHIN_SECONDS = 10;

/**
 * Answers the direct method `probe`: sends one message to `anomalyOutput` that is marked by the id that it is given, so that its way
 * through routes, lake, logs and alerts can be followed. It goes the way of every alert; no machine's state hears of it.
 */
export async function probe(payload: unknown, outbox: Outbox, deviceId: string): Promise<MethodAnswer> {
  const id =
    typeof payload === "object" && payload !== null ? (payload as Readonly<Record<string, unknown>>).id : undefined;
  if (typeof id !== "string" || !new RegExp(PROBE.idPattern).test(id)) {
    return {
      status: 400,
      payload: {
        error: "probe was not taken",
        reasons: [
          `id is ${id === undefined ? "missing" : JSON.stringify(id).slice(0, 80)}; 8 to 64 letters, digits and hyphens are expected`,
        ],
        example: '{"id": "2f1b8c9a-…"}',
      },
    };
  }
  const startedAt = performance.now();
  const eventTime = new Date().toISOString();
  const body = {
    [PROBE.property]: id,
    episodeId: `probe-${id}`,
    phase: "closed",
    eventTime,
    startedAt: eventTime,
    durationSeconds: 0,
    machineId: PROBE.machineId,
    deviceId,
    signal: "probe",
    signals: ["probe"],
    detector: "probe",
    detectorVersion: DETECTOR_VERSION,
    kind: "point",
    severity: "info",
    unlikelihood: 0,
    value: 0,
    score: 1,
    anomalousMessages: 0,
    explanation: "A probe that follows alerts from end to end: nothing is wrong with a machine.",
  };
  const taken = await new Promise<boolean | undefined>((resolve) => {
    const timer = setTimeout(() => {
      resolve(undefined);
    }, TAKEN_WITHIN_SECONDS * 1000);
    timer.unref();
    outbox.push({ output: "anomalyOutput", body: JSON.stringify(body) }, (isTaken) => {
      clearTimeout(timer);
      resolve(isTaken);
    });
  });
  return taken === true
    ? { status: 200, payload: { id, eventTime, takenAfterSeconds: (performance.now() - startedAt) / 1000 } }
    : {
        status: 503,
        payload: {
          error: "the edge hub has not taken the message",
          reasons: [
            taken === undefined
              ? `it waits behind ${outbox.pending - 1} others, and is sent when they are`
              : "it was dropped: more alerts wait than are kept",
          ],
        },
      };
}
