import { SCOPES } from "../endpoints";
import type { ExpectedDeployment } from "../expectations";
import { at, incomplete, number, text, time } from "../json";
import type { Around, Bounded } from "./around";

const VERSION = "2021-04-12";
/** Items of a page; the hub may give fewer. */
const PAGE = 1000;
/** Pages of what is wrong that are read: more would tell nobody more. */
const MAX_PAGES = 3;
/** Devices of a configuration that are looked for one by one although their number is right. */
const LISTED_DEVICES = 5000;

/** One page after the other of a query (learn.microsoft.com/azure/iot-hub/query-twins). */
async function query(around: Around, sql: string, pages = MAX_PAGES): Promise<Bounded<unknown>> {
  const url = new URL(`${around.endpoints.hub(around.expected.hub.hostname)}/devices/query`);
  url.searchParams.set("api-version", VERSION);
  const items: unknown[] = [];
  let continuation: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const { body, headers } = await around.http.get({
      method: "POST",
      url,
      scope: SCOPES.hub,
      headers: {
        "x-ms-max-item-count": String(PAGE),
        ...(continuation !== undefined && { "x-ms-continuation": continuation }),
      },
      body: { query: sql },
    });
    if (!Array.isArray(body)) {
      incomplete(url, "list of results");
    }
    items.push(...(body as unknown[]));
    continuation = headers.get("x-ms-continuation") ?? undefined;
    if (continuation === undefined || continuation === "") {
      return { items, isCut: false };
    }
  }
  return { items, isCut: true };
}

/** What a direct method came to; `status` is undefined where the device could not be reached. */
export interface MethodResult {
  readonly status: number | undefined;
  readonly payload: unknown;
  /** What the hub says where the device could not be reached. */
  readonly problem: string | undefined;
}

/** Calls a direct method of a module (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods). */
export async function callMethod(
  around: Around,
  deviceId: string,
  methodName: string,
  payload: unknown,
): Promise<MethodResult> {
  const module = encodeURIComponent(around.expected.detectorModule ?? "");
  const base = around.endpoints.hub(around.expected.hub.hostname);
  const url = new URL(`${base}/twins/${encodeURIComponent(deviceId)}/modules/${module}/methods`);
  url.searchParams.set("api-version", VERSION);
  const body = { methodName, payload, connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 20 };
  const answer = await around.http.send({ method: "POST", url, scope: SCOPES.hub, body });
  const said: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) {
    return {
      status: undefined,
      payload: undefined,
      problem: text(said, "Message") ?? `the hub answered with status ${answer.status}`,
    };
  }
  return { status: number(said, "status"), payload: at(said, "payload"), problem: undefined };
}

/** A device that is not connected. */
export interface SilentDevice {
  readonly id: string;
  /** Last activity; undefined where it never connected. */
  readonly since: string | undefined;
}

/** Devices of the environment as the hub has them. */
export interface HubDevices {
  readonly count: number;
  readonly missing: readonly string[];
  readonly disabled: Bounded<string>;
  readonly silent: Bounded<SilentDevice>;
}

/** What the hub says of the environment's devices: how many, and those with whom something is wrong. */
export async function hubDevices(around: Around): Promise<HubDevices> {
  const where = `FROM devices WHERE tags.environment = '${around.expected.environment}'`;
  const [counted, disabled, silent] = await Promise.all([
    query(around, `SELECT COUNT() AS devices ${where}`, 1),
    query(around, `SELECT deviceId ${where} AND status = 'disabled'`),
    query(
      around,
      `SELECT deviceId, lastActivityTime ${where} AND status = 'enabled' AND connectionState = 'Disconnected'`,
    ),
  ]);
  const count = number(counted.items[0], "devices") ?? 0;
  const wanted = around.expected.devices;
  const isListed = wanted.length > 0 && (wanted.length <= LISTED_DEVICES || count < wanted.length);
  const ids = isListed ? await query(around, `SELECT deviceId ${where}`, Math.ceil(count / 100) + 1) : undefined;
  const known = new Set(ids?.items.flatMap((one) => text(one, "deviceId") ?? []));
  const idOf = (one: unknown): string => text(one, "deviceId") ?? "";
  return {
    count,
    missing: ids === undefined ? [] : wanted.map(({ id }) => id).filter((id) => !known.has(id)),
    disabled: { ...disabled, items: disabled.items.map(idOf) },
    silent: {
      isCut: silent.isCut,
      items: silent.items
        .map((one) => ({ id: idOf(one), since: time(one, "lastActivityTime") }))
        .filter(({ since }) => minutesSince(around.now, since) > around.expected.hub.silentMinutes),
    },
  };
}

const minutesSince = (now: Date, since: string | undefined): number =>
  since === undefined ? Infinity : (now.getTime() - Date.parse(since)) / 60_000;

/** A deployment as the hub has it. */
export interface Deployment {
  readonly expected: ExpectedDeployment;
  readonly id: string;
  readonly created: string | undefined;
  readonly targetCondition: string;
  readonly targeted: number;
  readonly applied: number;
  readonly failed: number;
  /** End of the earliest signed link in it. */
  readonly linkEnds: string | undefined;
}

/** Deployments of the hub that belong to what is expected; those that are missing have none here. */
export async function deployments(around: Around): Promise<readonly Deployment[]> {
  const url = new URL(`${around.endpoints.hub(around.expected.hub.hostname)}/configurations`);
  url.searchParams.set("api-version", VERSION);
  url.searchParams.set("top", "100");
  const { body } = await around.http.get({ url, scope: SCOPES.hub });
  if (!Array.isArray(body)) {
    incomplete(url, "list of deployments");
  }
  return around.expected.deployments.flatMap((expected): Deployment[] => {
    const [newest] = (body as unknown[])
      .filter((one) => {
        const id = text(one, "id") ?? "";
        return expected.isPrefix ? id.startsWith(expected.id) : id === expected.id;
      })
      .sort((a, b) => ((time(a, "createdTimeUtc") ?? "") < (time(b, "createdTimeUtc") ?? "") ? 1 : -1));
    if (newest === undefined) {
      return [];
    }
    const count = (name: string): number => number(newest, "systemMetrics", "results", name) ?? 0;
    return [
      {
        expected,
        id: text(newest, "id") ?? "",
        created: time(newest, "createdTimeUtc"),
        targetCondition: text(newest, "targetCondition") ?? "",
        targeted: count("targetedCount"),
        applied: count("appliedCount"),
        failed: count("reportedFailedCount"),
        linkEnds: earliestEnd(newest),
      },
    ];
  });
}

/** Ends of signed links anywhere in a value: `se` is when a shared access signature ends. */
function earliestEnd(value: unknown): string | undefined {
  const ends = [...JSON.stringify(value).matchAll(/[?&]se=([^&"\\]+)/g)].flatMap(([, written]) => {
    const end = time({ end: decodeURIComponent(written ?? "") }, "end");
    return end === undefined ? [] : [end];
  });
  return ends.sort()[0];
}

/** What a device's agent reports. */
export interface AgentReport {
  readonly deviceId: string;
  readonly deployment: Deployment;
  /** Status of the last deployment that it took, 200 where it could. */
  readonly code: number | undefined;
  readonly description: string | undefined;
  /** What each module of the deployment runs. */
  readonly modules: Readonly<
    Record<string, { readonly status: string | undefined; readonly image: string | undefined }>
  >;
  readonly changed: string | undefined;
}

/** Reports that are not as the deployments want them: one query a deployment, which asks for those alone. */
export async function agentReports(around: Around, found: readonly Deployment[]): Promise<Bounded<AgentReport>> {
  const answers = await Promise.all(
    found
      .filter(({ expected }) => Object.keys(expected.modules).length > 0)
      .map(async (deployment) => {
        const { items, isCut } = await query(around, agentQuery(deployment));
        return { isCut, items: items.map((one) => agentReport(one, deployment)) };
      }),
  );
  return { items: answers.flatMap(({ items }) => items), isCut: answers.some(({ isCut }) => isCut) };
}

const placeOfModule = (module: string): string =>
  module.startsWith("$")
    ? `properties.reported.systemModules.${module.slice(1)}`
    : `properties.reported.modules.[[${module}]]`;

function agentQuery({ id, expected }: Deployment): string {
  const wrong = Object.entries(expected.modules).flatMap(([module, image]) => {
    const place = placeOfModule(module);
    const terms = [`NOT IS_DEFINED(${place}.runtimeStatus)`, `${place}.runtimeStatus != 'running'`];
    return image === null ? terms : [...terms, `${place}.settings.image != '${image}'`];
  });
  // The layer with the agent is the one that every device has.
  const failed = "$edgeAgent" in expected.modules ? ["properties.reported.lastDesiredStatus.code != 200"] : [];
  const terms = [...failed, ...wrong].join(" OR ");
  return (
    "SELECT deviceId, properties.reported AS reported FROM devices.modules " +
    `WHERE moduleId = '$edgeAgent' AND configurations.[[${id}]].status = 'Applied' AND (${terms})`
  );
}

function agentReport(one: unknown, deployment: Deployment): AgentReport {
  const reported = at(one, "reported");
  return {
    deviceId: text(one, "deviceId") ?? "",
    deployment,
    code: number(reported, "lastDesiredStatus", "code"),
    description: text(reported, "lastDesiredStatus", "description"),
    changed: time(reported, "$metadata", "lastDesiredStatus", "$lastUpdated"),
    modules: Object.fromEntries(
      Object.keys(deployment.expected.modules).map((module) => {
        const place = module.startsWith("$") ? ["systemModules", module.slice(1)] : ["modules", module];
        return [
          module,
          {
            status: text(reported, ...place, "runtimeStatus"),
            image: text(reported, ...place, "settings", "image"),
          },
        ];
      }),
    ),
  };
}

/** What an anomaly detector reports as wrong. */
export interface DetectorReport {
  readonly deviceId: string;
  readonly mistakes: string | undefined;
  /** Model that is not in use, with the reason. */
  readonly model: string | undefined;
  /** Machines whose readings or scores are unlike those that the model was trained on. */
  readonly drift: string | undefined;
  readonly since: string | undefined;
}

/** Detectors that refuse their configuration or their model, or whose model no longer fits a machine. */
export async function detectorReports(around: Around): Promise<Bounded<DetectorReport>> {
  const module = around.expected.detectorModule;
  if (module === undefined) {
    return { items: [], isCut: false };
  }
  const reported = "properties.reported";
  const { items, isCut } = await query(
    around,
    `SELECT deviceId, ${reported} AS reported FROM devices.modules WHERE moduleId = '${module}' AND ` +
      `(${reported}.configuration.status = 'refused' OR ${reported}.model.status = 'refused' OR ${reported}.model.status = 'fellBack' OR ` +
      `${reported}.modelWatch.drift.status = 'drifted')`,
  );
  return {
    isCut,
    items: items.map((one) => {
      const isRefused = text(one, "reported", "configuration", "status") === "refused";
      const status = text(one, "reported", "model", "status");
      return {
        deviceId: text(one, "deviceId") ?? "",
        mistakes: isRefused ? (text(one, "reported", "configuration", "mistakes") ?? "no reason given") : undefined,
        model:
          status === "refused" || status === "fellBack"
            ? `${status === "refused" ? "refused" : "fell back from"} its model: ${text(one, "reported", "model", "reason") ?? ""}`
            : undefined,
        drift:
          text(one, "reported", "modelWatch", "drift", "status") === "drifted"
            ? (text(one, "reported", "modelWatch", "drift", "worst") ?? "")
            : undefined,
        since: time(one, "reported", "$metadata", isRefused ? "configuration" : "model", "$lastUpdated"),
      };
    }),
  };
}
