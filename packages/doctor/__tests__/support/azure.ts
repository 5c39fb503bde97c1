import type { IncomingMessage, ServerResponse } from "node:http";
import { LocalServer } from "../../../common/__tests__/support/local-server";
import type { Endpoints } from "../../src/endpoints";
import type { Expectations } from "../../src/expectations";
import { hubQuery } from "./hub-query";
import { healthyPlant, type Plant } from "./plant";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  /** Instead of JSON. */
  readonly text?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers before the service does: for paths that the pattern matches, so many times. */
export interface Interruption {
  readonly path: RegExp;
  times: number;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text of the answer, which need not be JSON. */
  readonly text?: string;
}

type Handler = (request: Request, match: RegExpExecArray) => Reply | undefined;

const NOT_FOUND: Reply = {
  status: 404,
  body: { error: { code: "ResourceNotFound", message: "The resource was not found." } },
};
/** Elements of a page of ARM: small, so that paging is met. */
const ARM_PAGE = 4;

/** The token of a service; requests with another are refused. */
export const tokenFor = (scope: string): Promise<string> => Promise.resolve(`token of ${new URL(scope).host}`);

/**
 * Stands in for ARM, the hub's service API, Log Analytics, a container registry and a data lake, as their documentation has requests,
 * answers, pages and errors. What they answer is a plant, which tests break.
 */
export class AzureStandIn extends LocalServer {
  public plant: Plant;
  public readonly received: { readonly method: string; readonly path: string; readonly body: string }[] = [];
  public readonly interruptions: Interruption[] = [];
  /** Requests under way at once, at most. */
  public mostAtOnce = 0;
  private underWay = 0;
  /** Time in milliseconds, for what takes its time. */
  public clock: () => number = () => this.plant.now.getTime();
  /** Probes by id, with the time of their call. */
  public readonly probes = new Map<string, number>();
  /** The group is not there: nothing was deployed. */
  public isDeployed = true;
  private readonly handlers: readonly (readonly [RegExp, string, Handler])[];

  public constructor(private readonly expected: Expectations) {
    super();
    this.plant = healthyPlant(expected);
    this.handlers = [...this.armHandlers(), ...this.dataHandlers()];
  }

  public async start(): Promise<Endpoints> {
    await this.listen();
    return {
      arm: `${this.address}/arm`,
      logs: `${this.address}/logs`,
      hub: () => `${this.address}/hub`,
      registry: () => `${this.address}/registry`,
      lake: () => `${this.address}/lake`,
    };
  }

  protected async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    response.on("close", () => {
      this.underWay -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const url = new URL(message.url ?? "", this.address);
    const request: Request = {
      method: message.method ?? "",
      path: decodeURIComponent(url.pathname),
      parameters: url.searchParams,
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.received.push({ method: request.method, path: request.path, body: request.body });
    const interruption = this.interruptions.find(({ path, times }) => times > 0 && path.test(request.path));
    if (interruption !== undefined) {
      interruption.times -= 1;
      response.writeHead(interruption.status, interruption.headers).end(interruption.text ?? "{}");
      return;
    }
    const { status = 200, body, headers, text: plain } = this.reply(request);
    const text = plain ?? (body === undefined || request.method === "HEAD" ? "" : JSON.stringify(body));
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(text);
  }

  private reply(request: Request): Reply {
    for (const [pattern, method, handler] of this.handlers) {
      const match = pattern.exec(request.path);
      if (match !== null && method === request.method) {
        const service = /^\/(\w+)/.exec(request.path)?.[1] ?? "";
        const host = {
          arm: "management.azure.com",
          logs: "api.loganalytics.azure.com",
          hub: "iothubs.azure.net",
          lake: "storage.azure.com",
        }[service];
        if (host !== undefined && request.headers.authorization !== `Bearer token of ${host}`) {
          return {
            status: 401,
            body: { error: { code: "InvalidAuthenticationToken", message: "The token is of another service." } },
          };
        }
        const version = service === "arm" || service === "hub" ? request.parameters.get("api-version") : "";
        return version === null
          ? { status: 400, body: { error: { message: "api-version is missing" } } }
          : (handler(request, match) ?? NOT_FOUND);
      }
    }
    return { status: 400, body: { error: { message: `the stand-in has no ${request.method} ${request.path}` } } };
  }

  /** One page of a list as ARM gives it. */
  private page({ path, parameters }: Request, all: readonly unknown[]): Reply {
    const skip = Number(parameters.get("$skiptoken") ?? 0);
    const next = new URLSearchParams(parameters);
    next.set("$skiptoken", String(skip + ARM_PAGE));
    return {
      body: {
        value: all.slice(skip, skip + ARM_PAGE),
        ...(skip + ARM_PAGE < all.length && { nextLink: `${this.address}${path}?${next.toString()}` }),
      },
    };
  }

  /** Several hubs answer alike. */
  private get hubNames(): string[] {
    return [this.expected, ...(this.expected.otherHubs ?? [])].map(({ hub }) => hub.name);
  }

  private armHandlers(): (readonly [RegExp, string, Handler])[] {
    const { expected } = this;
    const root = `^/arm/subscriptions/${expected.subscriptionId ?? ""}`;
    const group = `${root}/resourceGroups/${expected.resourceGroup}`;
    const hubs = this.hubNames.join("|");
    const hub = `${group}/providers/Microsoft.Devices/IotHubs/(?:${hubs})`;
    const on = (path: string, handler: Handler, method = "GET"): readonly [RegExp, string, Handler] => [
      new RegExp(`${path}$`),
      method,
      handler,
    ];
    /** Within the group, where it is there and has the resource. */
    const within = (type: string, name: string, path: string, handler: Handler): readonly [RegExp, string, Handler] =>
      on(`${group}/providers/${type}/${name}${path}`, (request, match) =>
        this.has(type, name) ? handler(request, match) : undefined,
      );
    const ofHub = (path: string, handler: Handler): readonly [RegExp, string, Handler] =>
      on(`${hub}${path}`, (request, match) =>
        this.hubNames.some((name) => match[0].includes(`/${name}`) && this.has("Microsoft.Devices/IotHubs", name))
          ? handler(request, match)
          : undefined,
      );
    const inGroup = (path: string, list: () => readonly unknown[]): readonly [RegExp, string, Handler] =>
      on(`${group}${path}`, (request) => (this.isDeployed ? this.page(request, list()) : undefined));
    const feed = expected.logs.feed;
    const orders = expected.workOrders;
    return [
      on(root, () => ({ body: { state: this.plant.subscriptionState } })),
      on(`${root}/providers`, (request) => this.page(request, this.providers())),
      on(`${root}/providers/Microsoft.Devices/usages`, (request) =>
        this.page(request, [usage("IotHubPaid", "IoT hubs", this.plant.usages.hubs)]),
      ),
      on(`${root}/providers/Microsoft.Compute/locations/\\w+/usages`, (request) =>
        this.page(request, [usage("cores", "Total Regional vCPUs", this.plant.usages.cores)]),
      ),
      on(`${root}/providers/Microsoft.Authorization/permissions`, (request) =>
        this.page(request, this.plant.permissions),
      ),
      on(`${root}/providers/([\\w.]+)/checkNameAvailability`, (request) => this.nameCheck(request), "POST"),
      on(`${root}/providers/Microsoft.KeyVault/locations/\\w+/deletedVaults/([\\w-]+)`, (_request, match) =>
        this.plant.takenNames.get(match[1] ?? "") === "deleted" ? { body: {} } : undefined,
      ),
      inGroup("/resources", () => this.plant.resources),
      ofHub("", () => ({
        body: { properties: { state: this.plant.hub.state, routing: { routes: this.plant.hub.routes } } },
      })),
      ofHub("/routingEndpointsHealth", (request) => this.page(request, this.plant.hub.health)),
      ofHub("/certificates", () => ({ body: { value: this.plant.hub.certificates } })),
      ofHub("/providers/Microsoft.Insights/diagnosticSettings", (request) =>
        this.page(request, [
          {
            properties: {
              workspaceId: "/x",
              logs: this.plant.hub.categories.map((category) => ({ category, enabled: true })),
            },
          },
        ]),
      ),
      ofHub("/providers/Microsoft.Insights/metrics", ({ parameters }) =>
        this.metrics(parameters, { ...this.plant.hub.totals, dailyMessageQuotaUsed: this.plant.hub.quotaUsed }),
      ),
      inGroup("/providers/Microsoft.Insights/metricAlerts", () => this.rules((metric) => metric)),
      inGroup("/providers/Microsoft.Insights/scheduledQueryRules", () => this.rules((metric) => !metric)),
      on(`${root}/providers/Microsoft.AlertsManagement/alerts`, (request) =>
        this.page(
          request,
          [...this.plant.fired, ...this.probeAlerts()].map(({ rule, since, condition }) => ({
            properties: { essentials: { alertRule: `/x/${rule}`, startDateTime: since, monitorCondition: condition } },
          })),
        ),
      ),
      within("Microsoft.Insights/actionGroups", expected.alerts.actionGroup, "", () => ({
        body: {
          properties: { enabled: this.plant.actionGroup.enabled, emailReceivers: this.plant.actionGroup.receivers },
        },
      })),
      on(`${group}/providers/Microsoft.Consumption/budgets/${expected.budget.name}`, () => {
        const { amount, spent, forecast } = this.plant.budget;
        return {
          body: {
            properties: {
              amount,
              currentSpend: { amount: spent, unit: "EUR" },
              forecastSpend: { amount: forecast, unit: "EUR" },
            },
          },
        };
      }),
      within("Microsoft.Logic/workflows", feed?.workflow ?? "", "", () => ({
        body: { properties: { state: this.plant.workflow.state } },
      })),
      within("Microsoft.Logic/workflows", feed?.workflow ?? "", "/runs", () => ({
        body: {
          value: this.plant.workflow.failedAt.map((startTime) => ({ properties: { status: "Failed", startTime } })),
        },
      })),
      ...((feed ?? orders)?.topics ?? []).flatMap((topic) => [
        within("Microsoft.EventGrid/systemTopics", topic, "/providers/Microsoft.Insights/metrics", ({ parameters }) =>
          this.metrics(parameters, this.plant.topic),
        ),
        within("Microsoft.EventGrid/systemTopics", topic, `/eventSubscriptions/${orders?.subscription ?? ""}`, () =>
          this.plant.subscription === undefined
            ? undefined
            : { body: { properties: { provisioningState: this.plant.subscription } } },
        ),
      ]),
      within("Microsoft.ServiceBus/namespaces", orders?.namespace ?? "", `/queues/${orders?.queue ?? ""}`, () => {
        const { queue } = this.plant;
        const countDetails = { activeMessageCount: queue?.waiting, deadLetterMessageCount: queue?.deadLetters };
        return queue === undefined ? undefined : { body: { properties: { status: queue.status, countDetails } } };
      }),
      ...expected.resources
        .filter(({ type }) => type === "Microsoft.KeyVault/vaults")
        .map(({ type, name }, index) =>
          within(type, name, "/secrets", (request) =>
            this.page(
              request,
              (index === 0 ? this.plant.secrets : []).map(({ name: secret, enabled, exp }) => ({
                name: secret,
                properties: { attributes: { enabled, ...(exp !== undefined && { exp }) } },
              })),
            ),
          ),
        ),
      within("Microsoft.OperationalInsights/workspaces", expected.logs.workspace, "", () => ({
        body: { properties: { customerId: "9a1f0c5e-0000-4000-8000-000000000000" } },
      })),
      within("Microsoft.ContainerRegistry/registries", expected.registry.name, "/tokens", (request) =>
        this.page(
          request,
          this.plant.tokens.map(({ name, status, expiries }) => ({
            name,
            properties: {
              status,
              credentials: { passwords: expiries.map((expiry) => (expiry === undefined ? {} : { expiry })) },
            },
          })),
        ),
      ),
    ];
  }

  private dataHandlers(): (readonly [RegExp, string, Handler])[] {
    return [
      [/^\/hub\/devices\/query$/, "POST", (request) => this.hubQuery(request)],
      [/^\/hub\/configurations$/, "GET", () => ({ body: this.plant.deployments.map((one) => this.deployment(one)) })],
      [
        /^\/logs\/v1\/workspaces\/[\w-]+\/query$/,
        "POST",
        ({ body }) => ({
          body: {
            tables: [
              {
                name: "PrimaryResult",
                columns: [{ name: "last", type: "datetime" }],
                rows: body.includes(" has ") ? this.loggedProbes(body) : [[this.plant.lastLogged ?? null]],
              },
            ],
          },
        }),
      ],
      [
        /^\/registry\/oauth2\/exchange$/,
        "POST",
        ({ body }) => this.token(body, "access_token=token+of+management.azure.com", { refresh_token: "refresh" }),
      ],
      [
        /^\/registry\/oauth2\/token$/,
        "POST",
        ({ body }) => this.token(body, "refresh_token=refresh", { access_token: "pull" }),
      ],
      [
        /^\/registry\/v2\/([\w-]+)\/manifests\/([\w.:-]+)$/,
        "HEAD",
        ({ headers }, [, repository, reference]) =>
          headers.authorization !== "Bearer pull"
            ? { status: 401 }
            : this.plant.images.has(`${repository ?? ""}/${reference ?? ""}`)
              ? {}
              : undefined,
      ],
      [
        /^\/hub\/twins\/([\w-]+)\/modules\/([\w-]+)\/methods$/,
        "POST",
        (request, [, device, module]) => this.callMethod(request, device ?? "", module ?? ""),
      ],
      [
        /^\/lake\/([\w-]+)\/(.+\.json)$/,
        "GET",
        (_request, [, container, path]) => {
          const file =
            container === this.expected.lake.anomalies ? this.probeFiles().find((one) => one.path === path) : undefined;
          return file === undefined ? undefined : { text: file.text };
        },
      ],
      [
        /^\/lake\/([\w-]+)$/,
        "GET",
        ({ parameters }, [, container]) => this.folder(container ?? "", parameters.get("directory") ?? ""),
      ],
    ];
  }

  private callMethod({ body }: Request, device: string, module: string): Reply {
    const { methodName, payload } = JSON.parse(body) as {
      readonly methodName: string;
      readonly payload: { readonly id: string };
    };
    const twin = this.plant.devices.find(({ deviceId }) => deviceId === device);
    const { answer } = this.plant.probe;
    if (twin?.connectionState !== "Connected" || module !== this.expected.detectorModule || answer === "offline") {
      return {
        status: 404,
        body: { Message: `ErrorCode:DeviceNotOnline;The operation failed because ${device} isn't online.` },
      };
    }
    if (methodName !== "probe") {
      return { body: { status: 501, payload: null } };
    }
    if (answer.status === 200) {
      this.probes.set(payload.id, this.clock());
    }
    return { body: answer };
  }

  private hasArrived(sent: number, place: "logs" | "lake" | "alert"): boolean {
    const after = this.plant.probe[place];
    return after !== undefined && this.clock() - sent >= after * 1000;
  }

  private loggedProbes(body: string): unknown[] {
    return [...this.probes]
      .filter(([id, sent]) => body.includes(id) && this.hasArrived(sent, "logs"))
      .map(([, sent]) => [new Date(sent).toISOString()]);
  }

  private probeAlerts(): Plant["fired"] {
    return [...this.probes.values()]
      .filter((sent) => this.hasArrived(sent, "alert"))
      .map((sent) => ({
        rule: "machine-anomalies",
        since: new Date(sent + (this.plant.probe.alert ?? 0) * 1000).toISOString(),
        condition: "Fired",
      }));
  }

  /** Files with probes in them, by the minute in which their batch began. */
  private probeFiles(): { readonly path: string; readonly text: string }[] {
    return [...this.probes]
      .filter(([, sent]) => this.hasArrived(sent, "lake"))
      .map(([id, sent]) => ({
        path: [this.expected.hub.name, ...new Date(sent).toISOString().slice(0, 16).split(/[-T:]/), "1.json"].join("/"),
        text: `${JSON.stringify({ EnqueuedTimeUtc: new Date(sent).toISOString(), Body: { machineId: "press-1" } })}\n${JSON.stringify({ Body: { probe: id } })}`,
      }));
  }

  private token(form: string, needed: string, answer: unknown): Reply {
    return form.includes(needed) ? { body: answer } : { status: 401, body: { errors: [{ code: "UNAUTHORIZED" }] } };
  }

  private has(type: string, name: string): boolean {
    return this.isDeployed && this.plant.resources.some((one) => one.type === type && one.name === name);
  }

  private providers(): unknown[] {
    return [...this.plant.providers].map(([namespace, { state, types }]) => ({
      namespace,
      registrationState: state,
      resourceTypes: [...types].map(([resourceType, locations]) => ({ resourceType, locations })),
    }));
  }

  private nameCheck({ body }: Request): Reply {
    const { name } = JSON.parse(body) as { readonly name: string };
    const taken = this.plant.takenNames.get(name);
    return {
      body:
        taken === undefined
          ? { nameAvailable: true }
          : { nameAvailable: false, reason: "AlreadyExists", message: taken },
    };
  }

  private rules(isChosen: (isMetric: boolean) => boolean): unknown[] {
    const metric = (name: string): boolean =>
      this.expected.resources.some((one) => one.name === name && one.type === "Microsoft.Insights/metricAlerts");
    return this.plant.alertRules
      .filter(({ name }) => isChosen(metric(name)))
      .map(({ name, enabled, tells, metric: metricName, operator, threshold }) => ({
        name,
        properties: {
          enabled,
          criteria: { allOf: [{ metricName, operator, threshold }] },
          actions: metric(name) ? tells.map((actionGroupId) => ({ actionGroupId })) : { actionGroups: tells },
        },
      }));
  }

  private metrics(parameters: URLSearchParams, values: Readonly<Record<string, number>>): Reply {
    const key = parameters.get("aggregation") === "Total" ? "total" : "maximum";
    const timeStamp = new Date(this.plant.now.getTime() - 3_600_000).toISOString();
    const names = (parameters.get("metricnames") ?? "").split(",");
    return {
      body: {
        value: names.map((value) => ({
          name: { value },
          timeseries: [{ data: [{ timeStamp, [key]: values[value] ?? 0 }] }],
        })),
      },
    };
  }

  private hubQuery({ body, headers }: Request): Reply {
    let query;
    try {
      query = hubQuery((JSON.parse(body) as { readonly query: string }).query);
    } catch (error) {
      return { status: 400, body: { Message: `ErrorCode:ArgumentInvalid;${String(error)}` } };
    }
    const rows = query.run(query.from === "devices" ? this.plant.devices : this.plant.modules);
    const size = Math.min(Number(headers["x-ms-max-item-count"] ?? 100), 1000);
    const skip = Number(headers["x-ms-continuation"] ?? 0);
    return {
      body: rows.slice(skip, skip + size),
      headers: {
        "x-ms-item-type": "Raw",
        ...(skip + size < rows.length && { "x-ms-continuation": String(skip + size) }),
      },
    };
  }

  private deployment({
    id,
    createdTimeUtc,
    targetCondition,
    content,
    expected,
  }: Plant["deployments"][number]): unknown {
    const agents = this.plant.modules.filter(
      ({ moduleId, configurations }) => moduleId === "$edgeAgent" && configurations[id]?.status === "Applied",
    );
    const code = (reported: Readonly<Record<string, unknown>>): number =>
      (reported.lastDesiredStatus as { readonly code: number }).code;
    const failed = agents.filter(({ properties }) => code(properties.reported) !== 200).length;
    // The condition is not evaluated: whoever has applied it, or would have, was targeted.
    const base =
      expected.layer === "base"
        ? this.plant.deployments.find(
            (one) => one.expected.layer === expected.replacedBy && one.expected.ring === expected.ring,
          )
        : undefined;
    const targeted = (one: string): number =>
      this.plant.modules.filter(({ moduleId, configurations }) => moduleId === "$edgeAgent" && one in configurations)
        .length;
    return {
      id,
      createdTimeUtc,
      targetCondition,
      content,
      systemMetrics: {
        results: {
          targetedCount: targeted(id) + (base === undefined ? 0 : targeted(base.id)),
          appliedCount: agents.length,
          reportedSuccessfulCount: agents.length - failed,
          reportedFailedCount: failed,
        },
      },
    };
  }

  private folder(container: string, directory: string): Reply {
    const newest = this.plant.lake.get(container);
    const hub = this.hubNames.find((name) => directory.split("/")[0] === name) ?? this.expected.hub.name;
    const file = newest === undefined ? [] : [hub, ...newest.slice(0, 16).split(/[-T:]/), "0.json"];
    const depth = directory.split("/").length;
    const probes = container === this.expected.lake.anomalies ? this.probeFiles() : [];
    const own = probes.filter(({ path }) => path.startsWith(`${directory}/`));
    if (own.length > 0) {
      const names = [
        ...new Set(
          own.map(({ path }) =>
            path
              .split("/")
              .slice(0, depth + 1)
              .join("/"),
          ),
        ),
      ];
      return { body: { paths: names.map((one) => ({ name: one, ...(depth < 6 && { isDirectory: "true" }) })) } };
    }
    if (newest === undefined || file.slice(0, depth).join("/") !== directory) {
      return { status: 404 };
    }
    const name = file.slice(0, depth + 1).join("/");
    const lastModified = new Date(newest).toUTCString();
    // An older neighbour, which must not be taken.
    const older = { name: `${directory}/00`, isDirectory: "true", lastModified };
    return {
      body: {
        paths:
          depth < 6
            ? [older, { name, isDirectory: "true", lastModified }]
            : [{ name, contentLength: "12", lastModified }],
      },
    };
  }
}

const usage = (
  value: string,
  localizedValue: string,
  { used, limit }: { readonly used: number; readonly limit: number },
): unknown => ({
  name: { value, localizedValue },
  currentValue: used,
  limit,
});
