import { randomUUID } from "node:crypto";
import { RemoteError } from "@edge-anomaly-detection/common";
import { PROBE } from "@edge-anomaly-detection/detector-contract";
import { type Endpoints, PUBLIC_CLOUD } from "./endpoints";
import { type Expectations, ofEachHub } from "./expectations";
import { AzureHttp, type TokenFor } from "./http";
import { number, list, text } from "./json";
import type { Around } from "./sources/around";
import { callMethod, hubDevices } from "./sources/hub-service";
import { isInLake } from "./sources/lake";
import { firedAlerts, queryLogs } from "./sources/monitoring";

/** What a probe is given. */
export interface ProbeOptions {
  readonly expected: Expectations;
  readonly tokenFor: TokenFor;
  /** Device whose detector sends. @default - the first that is connected */
  readonly deviceId?: string;
  /** Minutes for which it is followed. @default 25 */
  readonly waitMinutes?: number;
  /** Told of each step when it is over. */
  readonly onStep?: (step: ProbeStep) => void;
  readonly endpoints?: Endpoints;
  readonly now?: () => number;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Where the message is looked for, in the order in which it gets there. */
export const PROBE_STEPS = ["edge hub", "logs", "lake", "alert"] as const;
export type ProbePlace = (typeof PROBE_STEPS)[number];

/** One step of the message's way. */
export interface ProbeStep {
  readonly place: ProbePlace;
  /** `skipped`: the environment has no such place, or what is before it did not happen. */
  readonly state: "arrived" | "missing" | "skipped";
  /** From the call of the method, as accurate as the pauses between looks. */
  readonly seconds?: number;
  /** Why it is missing or skipped, or which alert it was. */
  readonly note?: string;
}

/** What a probe came to. */
export interface ProbeReport {
  readonly environment: string;
  readonly deviceId: string;
  readonly id: string;
  readonly at: string;
  readonly steps: readonly ProbeStep[];
  /** Whether it arrived everywhere. */
  readonly arrived: boolean;
  readonly requests: number;
}

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 20_000;
/** Rules that an anomaly may fire. */
const RULES = /^(machine-anomalies|anomalies-delivered(-[a-z0-9]+)?)$/;
const isOfAnomalies = (rule: string): boolean => RULES.test(rule);

/**
 * Has a detector send one marked message by its own direct method, and follows it to the logs, the lake and an alert.
 *
 * @throws RemoteError where there is no detector, or what would be read may not be
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const { expected, tokenFor, waitMinutes = 25, endpoints = PUBLIC_CLOUD, now = Date.now, wait = pause } = options;
  // A minute more for the last look.
  const http = new AzureHttp({ tokenFor, limitMs: waitMinutes * 60_000 + 60_000, now, wait });
  const started = now();
  const [first, ...others] = ofEachHub(expected);
  const aroundHub = (one: Expectations): Around => ({ http, endpoints, expected: one, now: new Date(started) });
  const hubs = [aroundHub(first), ...others.map(aroundHub)] as const;
  const { around, deviceId } =
    options.deviceId === undefined ? await firstConnected(hubs) : hubOf(options.deviceId, hubs);
  const id = randomUUID();
  const openBefore = (await firedAlerts(around))
    .filter(({ rule, isOpen }) => isOpen && isOfAnomalies(rule))
    .map(({ rule }) => rule);
  const steps: ProbeStep[] = [];
  const done = (step: ProbeStep): void => {
    steps.push(step);
    options.onStep?.(step);
  };
  const seconds = (): number => (now() - sent) / 1000;
  const sent = now();
  done(await send(around, deviceId, id, seconds));
  const isSent = steps[0]?.state === "arrived";
  let open = PROBE_STEPS.filter((place) => place !== "edge hub");
  const finish = (place: ProbePlace, step: Omit<ProbeStep, "place">): void => {
    open = open.filter((one) => one !== place);
    done({ place, ...step });
  };
  if (!isSent) {
    for (const place of open) finish(place, { state: "skipped", note: "nothing was sent" });
  }
  if (expected.logs.feed === undefined && open.includes("logs")) {
    finish("logs", { state: "skipped", note: "the environment copies no anomalies into its logs" });
  }
  for (
    let pauseMs = FIRST_PAUSE_MS;
    open.length > 0 && now() - sent < waitMinutes * 60_000;
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)
  ) {
    await wait(pauseMs);
    for (const place of [...open]) {
      const found = await LOOKS[place]({ ...around, now: new Date(now()) }, id, new Date(sent));
      if (found !== undefined) {
        finish(place, { state: "arrived", seconds: seconds(), ...(found !== "" && { note: found }) });
      }
    }
  }
  for (const place of open) {
    const isOpen = place === "alert" && openBefore.length > 0;
    finish(place, {
      state: isOpen ? "skipped" : "missing",
      note: isOpen
        ? `${openBefore.join(" and ")} was open already, and fires once`
        : `not there after ${waitMinutes} min`,
    });
  }
  return {
    environment: expected.environment,
    deviceId,
    id,
    at: new Date(sent).toISOString(),
    steps: [...steps].sort((a, b) => PROBE_STEPS.indexOf(a.place) - PROBE_STEPS.indexOf(b.place)),
    arrived: isSent && steps.every(({ state }) => state !== "missing"),
    requests: http.requests,
  };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A device, and what is read with and from the hub that it is on. */
interface Sender {
  readonly around: Around;
  readonly deviceId: string;
}

/** A device that is in no list is taken to be on the first hub. */
function hubOf(deviceId: string, hubs: readonly [Around, ...Around[]]): Sender {
  const own = hubs.find(({ expected }) => expected.devices.some(({ id }) => id === deviceId));
  return { around: own ?? hubs[0], deviceId };
}

async function firstConnected(hubs: readonly [Around, ...Around[]]): Promise<Sender> {
  const { detectorModule, environment } = hubs[0].expected;
  if (detectorModule === undefined) {
    throw new RemoteError(`no anomaly detector runs on devices of ${environment}`, "switch edge.analysers.detector on");
  }
  for (const around of hubs) {
    const { silent } = await hubDevices(around);
    const away = new Set(silent.items.map(({ id }) => id));
    const first = around.expected.devices.find(
      ({ id, ring, enabled }) => enabled && ring !== undefined && !away.has(id),
    );
    if (first !== undefined) {
      return { around, deviceId: first.id };
    }
  }
  throw new RemoteError(`no device of ${environment} is connected`, "npm run -s doctor -- ENV says since when");
}

async function send(around: Around, deviceId: string, id: string, seconds: () => number): Promise<ProbeStep> {
  const { status, payload, problem } = await callMethod(around, deviceId, "probe", { id });
  const took = number(payload, "takenAfterSeconds");
  const note =
    problem ??
    (status === 404 || status === 501
      ? "the detector has no method probe: it is older than this doctor"
      : [text(payload, "error"), ...list(payload, "reasons").filter((one) => typeof one === "string")]
          .filter((one) => one !== undefined)
          .join(": "));
  return status === 200
    ? {
        place: "edge hub",
        state: "arrived",
        seconds: seconds(),
        ...(took !== undefined && { note: `${took.toFixed(3)} s on the device` }),
      }
    : { place: "edge hub", state: "missing", note };
}

/** How the message is looked for: undefined where it is not there yet, otherwise what is worth saying. */
const LOOKS: Readonly<Record<ProbePlace, (around: Around, id: string, sent: Date) => Promise<string | undefined>>> = {
  "edge hub": () => Promise.resolve(undefined),
  logs: async (around, id) => {
    const table = around.expected.logs.feed?.table ?? "";
    const rows = await queryLogs(
      around,
      `${table} | where tostring(Rows) has "${id}" | project TimeGenerated | take 1`,
      "PT2H",
    );
    return rows.length > 0 ? "" : undefined;
  },
  lake: async (around, id, sent) =>
    (await isInLake(around, around.expected.lake.anomalies, `"${PROBE.property}":"${id}"`, sent, around.now))
      ? ""
      : undefined,
  alert: async (around, _id, sent) => {
    const fired = (await firedAlerts(around)).find(
      ({ rule, since }) => isOfAnomalies(rule) && since !== undefined && Date.parse(since) >= sent.getTime(),
    );
    return fired?.rule;
  },
};
