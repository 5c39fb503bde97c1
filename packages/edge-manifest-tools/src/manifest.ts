import { CONTAINER_DEFAULTS } from "./container-defaults";
import { isObject, type Json, type JsonObject, stableJson } from "@edge-anomaly-detection/common";

/** What a deployment sets on devices: desired properties by module, as the hub takes them. */
export type ModulesContent = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Version of the schema of `$edgeAgent` and `$edgeHub`; 1.1 brought start order and routes with priority. */
export const SCHEMA_VERSION = "1.1";

/** Characters of a piece of `createOptions`, and how many pieces the runtime joins (Azure/iotedge, `Constants.TwinValueMaxSize`). */
export const CREATE_OPTIONS_PIECE = 512;
export const CREATE_OPTIONS_PIECES = 100;

/** One container on a device. */
export interface EdgeModule {
  /** Image with registry and a tag or digest. */
  readonly image: string;
  /** Version that the module reports, free text. @default - none */
  readonly version?: string;
  /** @default "running" */
  readonly status?: "running" | "stopped";
  /** When the runtime starts it again. @default "always" */
  readonly restartPolicy?: "never" | "on-failure" | "on-unhealthy" | "always";
  /** Whether the image is fetched when the container is made, or must be there already. @default "on-create" */
  readonly imagePullPolicy?: "on-create" | "never";
  /** Modules of a lower number start first, 0 to 4,294,967,295. @default - last */
  readonly startupOrder?: number;
  /** Environment variables. @default - none */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** Body of Docker's request to create a container (Engine API 1.41). @default - `CONTAINER_DEFAULTS`, which any gets where it says nothing else */
  readonly createOptions?: JsonObject;
  /** Desired properties of its twin. @default - none */
  readonly desired?: JsonObject;
}

/** Where messages come from: an output of a module, or devices without modules that use this one as their gateway. */
export type RouteSource = { readonly module: string; readonly output: string } | "leafDevices";

/** Where messages go: an input of a module, or the hub (a parent device, for a nested one). */
export type RouteSink = { readonly module: string; readonly input: string } | "upstream";

/** A way for messages through the device. */
export interface Route {
  readonly from: RouteSource;
  readonly to: RouteSink;
  /** Condition in the hub's routing language. @default - every message */
  readonly where?: string;
  /** 0 (first) to 9; routes without one come after all others. @default - none */
  readonly priority?: number;
  /** Seconds for which messages wait for a reader. @default - the edge hub's own */
  readonly timeToLiveSeconds?: number;
}

/** The part of a route that says for how long messages wait for its reader. */
export const waitingFor = (seconds: number | undefined): Pick<Route, "timeToLiveSeconds"> =>
  seconds === undefined ? {} : { timeToLiveSeconds: seconds };

/** How a device signs in to a container registry. */
export interface RegistryCredential {
  /** Host of the registry. */
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** What one file of `edge-manifests/` contributes to devices. */
export interface Layer {
  /** Containers by module id: letters, digits, hyphens and underscores. */
  readonly modules: Readonly<Record<string, EdgeModule>>;
  /** Routes by name. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Registry credentials by name. @default - none */
  readonly registryCredentials?: Readonly<Record<string, RegistryCredential>>;
}

/** A layer that can run a device alone: it also says how the runtime itself runs. */
export interface BaseLayer extends Layer {
  /** The module that starts the others. */
  readonly edgeAgent: Pick<EdgeModule, "image" | "env" | "createOptions" | "imagePullPolicy">;
  /** The module that carries the messages. */
  readonly edgeHub: Omit<EdgeModule, "desired" | "version">;
  /** Seconds for which the edge hub keeps messages that it cannot deliver. */
  readonly timeToLiveSeconds: number;
}

/** `modulesContent` of a deployment that stands alone. */
export function renderBase(layer: BaseLayer): ModulesContent {
  return {
    $edgeAgent: {
      "properties.desired": {
        schemaVersion: SCHEMA_VERSION,
        runtime: {
          type: "docker",
          settings: compact({
            minDockerVersion: "v1.25",
            registryCredentials: layer.registryCredentials,
          }),
        },
        systemModules: {
          edgeAgent: renderAgent(layer.edgeAgent),
          edgeHub: renderModule(layer.edgeHub),
        },
        modules: mapValues(layer.modules, renderModule),
      },
    },
    $edgeHub: {
      "properties.desired": {
        schemaVersion: SCHEMA_VERSION,
        routes: mapValues(layer.routes, renderRoute),
        storeAndForwardConfiguration: { timeToLiveSecs: layer.timeToLiveSeconds },
      },
    },
    ...mapValues(withDesired(layer), (desired) => ({ "properties.desired": desired })),
  };
}

/** `modulesContent` of a layered deployment: each part under its own path, so that layers add to each other. */
export function renderLayer(layer: Layer): ModulesContent {
  return {
    $edgeAgent: {
      ...atPath("properties.desired.runtime.settings.registryCredentials", layer.registryCredentials ?? {}),
      ...atPath("properties.desired.modules", mapValues(layer.modules, renderModule)),
    },
    ...(Object.keys(layer.routes).length > 0 && {
      $edgeHub: atPath("properties.desired.routes", mapValues(layer.routes, renderRoute)),
    }),
    ...mapValues(withDesired(layer), (desired) => atPath("properties.desired", desired)),
  };
}

/** A module as `$edgeAgent` knows it. */
export function renderModule(module: EdgeModule): Record<string, unknown> {
  return compact({
    type: "docker",
    version: module.version,
    status: module.status ?? "running",
    restartPolicy: module.restartPolicy ?? "always",
    imagePullPolicy: module.imagePullPolicy ?? "on-create",
    startupOrder: module.startupOrder,
    env: renderEnv(module.env),
    settings: renderSettings(module),
  });
}

/** The runtime's first module: the device's own configuration starts it, so it has neither status nor start order. */
function renderAgent(agent: BaseLayer["edgeAgent"]): Record<string, unknown> {
  return compact({
    type: "docker",
    imagePullPolicy: agent.imagePullPolicy ?? "on-create",
    env: renderEnv(agent.env),
    settings: renderSettings(agent),
  });
}

function renderEnv(env: EdgeModule["env"]): unknown {
  return env === undefined || Object.keys(env).length === 0 ? undefined : mapValues(env, (value) => ({ value }));
}

function renderSettings(module: Pick<EdgeModule, "image" | "createOptions">): Record<string, string> {
  return { image: module.image, ...renderCreateOptions(module.createOptions ?? {}) };
}

/**
 * `createOptions` as text in pieces that a twin takes: `createOptions`, `createOptions01`, `createOptions02` and so on.
 *
 * @throws RangeError where the text needs more pieces than the runtime joins
 */
export function renderCreateOptions(options: JsonObject): Record<string, string> {
  const hostConfig = isObject(options.HostConfig) ? options.HostConfig : {};
  const pieces = cut(stableJson({ ...options, HostConfig: { ...CONTAINER_DEFAULTS, ...hostConfig } }));
  if (pieces.length > CREATE_OPTIONS_PIECES) {
    const limit = CREATE_OPTIONS_PIECE * CREATE_OPTIONS_PIECES;
    throw new RangeError(`createOptions take at most ${limit} characters`);
  }
  return Object.fromEntries(
    pieces.map((piece, index) => [
      index === 0 ? "createOptions" : `createOptions${String(index).padStart(2, "0")}`,
      piece,
    ]),
  );
}

/** Pieces of at most `CREATE_OPTIONS_PIECE` code units, none of which ends within a character. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + CREATE_OPTIONS_PIECE, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) {
      end -= 1;
    }
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** A route as `$edgeHub` knows it. */
export function renderRoute(route: Route): Record<string, unknown> {
  const where = route.where ?? (route.from === "leafDevices" ? "NOT IS_DEFINED($connectionModuleId)" : undefined);
  const source =
    route.from === "leafDevices"
      ? "/messages/*"
      : `/messages/modules/${route.from.module}/outputs/${route.from.output}`;
  const sink =
    route.to === "upstream" ? "$upstream" : `BrokeredEndpoint("/modules/${route.to.module}/inputs/${route.to.input}")`;
  return compact({
    route: ["FROM", source, ...(where === undefined ? [] : ["WHERE", where]), "INTO", sink].join(" "),
    priority: route.priority,
    timeToLiveSecs: route.timeToLiveSeconds,
  });
}

function withDesired(layer: Layer): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(layer.modules).flatMap(([id, { desired }]) => (desired === undefined ? [] : [[id, desired]])),
  );
}

function atPath(path: string, values: Readonly<Record<string, Json | object>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]));
}

function mapValues<In, Out>(values: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function compact(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
