import { isObject } from "../json";
import { type Findings, pointerTo, show } from "./finding";
import type { ModuleEntry } from "./module-rules";
import type { TwinPart } from "./twin-rules";

/** A route of a document: text, or an object with text. */
export interface RouteEntry {
  readonly name: string;
  readonly pointer: string;
  readonly value: unknown;
}

/** A document as the rules see it. */
export interface Deployment {
  /** Whether it only adds to a base. */
  readonly isLayered: boolean;
  /** Whether the IoT Edge tools still have to build it. */
  readonly isTemplate: boolean;
  readonly priority?: number;
  readonly modules: readonly ModuleEntry[];
  readonly routes: readonly RouteEntry[];
  /** Parts of the desired properties by module. */
  readonly twins: ReadonlyMap<string, readonly TwinPart[]>;
  /** Where modules stand. */
  readonly modulesPointer: string;
}

const DESIRED = "properties.desired";
const SYSTEM_MODULES = ["edgeAgent", "edgeHub"] as const;
/** The newest schema that the runtime's agent takes, and the older ones that it still does. */
const WANTED_SCHEMA = "1.1";
const OLD_SCHEMAS = { $edgeAgent: ["1.0"], $edgeHub: ["1.0", "1.2", "1.3"] } as const;
const PARTS = {
  $edgeAgent: ["schemaVersion", "runtime", "systemModules", "modules"],
  $edgeHub: ["schemaVersion", "routes", "storeAndForwardConfiguration"],
} as const;
type SystemTwin = keyof typeof PARTS;

/** Finds a document's parts, and what is wrong with its outer form. */
export function openDocument(document: Readonly<Record<string, unknown>>, findings: Findings): Deployment | undefined {
  const found = findContent(document);
  if (found === undefined) {
    findings.error(
      "no-content",
      "",
      "there is no modulesContent",
      "write what devices get into modulesContent, or into content.modulesContent of a whole deployment",
    );
    return undefined;
  }
  const { content, pointer } = found;
  const agent = content.$edgeAgent;
  const hub = content.$edgeHub;
  const paths = [agent, hub].flatMap((part) => (isObject(part) ? Object.keys(part) : []));
  const isLayered = !paths.includes(DESIRED) && paths.some((path) => path.startsWith(`${DESIRED}.`));
  const isTemplate = "$schema-template" in document;
  const twins = readTwins(content, pointer, findings);
  if (isLayered) {
    return { isLayered, isTemplate, ...ranked(document), ...readLayered(content, pointer), twins };
  }
  for (const id of ["$edgeAgent", "$edgeHub"] as const) {
    checkBase(id, content[id], pointerTo(pointer, id), findings);
  }
  return { isLayered, isTemplate, ...ranked(document), ...readBase(agent, hub, pointer), twins };
}

function ranked(document: Readonly<Record<string, unknown>>): { readonly priority?: number } {
  return typeof document.priority === "number" ? { priority: document.priority } : {};
}

interface Content {
  readonly content: Readonly<Record<string, unknown>>;
  readonly pointer: string;
}

function findContent(document: Readonly<Record<string, unknown>>): Content | undefined {
  if (isObject(document.modulesContent)) {
    return { content: document.modulesContent, pointer: "/modulesContent" };
  }
  if (isObject(document.content) && isObject(document.content.modulesContent)) {
    return { content: document.content.modulesContent, pointer: "/content/modulesContent" };
  }
  return "$edgeAgent" in document || "$edgeHub" in document ? { content: document, pointer: "" } : undefined;
}

function readBase(
  agent: unknown,
  hub: unknown,
  pointer: string,
): Pick<Deployment, "modules" | "routes" | "modulesPointer"> {
  const agentPointer = pointerTo(pointer, "$edgeAgent", DESIRED);
  const routesPointer = pointerTo(pointer, "$edgeHub", DESIRED, "routes");
  const desired = child(agent, DESIRED);
  const entries = (field: "systemModules" | "modules"): ModuleEntry[] =>
    Object.entries(asObject(child(desired, field))).map(([id, value]) => ({
      id,
      value,
      pointer: pointerTo(agentPointer, field, id),
      isSystem: field === "systemModules",
    }));
  const routes = Object.entries(asObject(child(child(hub, DESIRED), "routes")));
  return {
    modules: [...entries("systemModules"), ...entries("modules")],
    routes: routes.map(([name, value]) => ({ name, value, pointer: pointerTo(routesPointer, name) })),
    modulesPointer: pointerTo(agentPointer, "modules"),
  };
}

function readLayered(
  content: Readonly<Record<string, unknown>>,
  pointer: string,
): Pick<Deployment, "modules" | "routes" | "modulesPointer"> {
  const below = (id: SystemTwin, path: string): { name: string; pointer: string; value: unknown }[] =>
    Object.entries(asObject(content[id])).flatMap(([key, value]) => {
      const name = key.startsWith(`${path}.`) ? key.slice(path.length + 1) : "";
      // A longer path changes a part of a module that another layer declares.
      return name === "" || name.includes(".") ? [] : [{ name, value, pointer: pointerTo(pointer, id, key) }];
    });
  return {
    modules: [
      ...below("$edgeAgent", `${DESIRED}.modules`).map(({ name, ...rest }) => ({ ...rest, id: name, isSystem: false })),
      ...below("$edgeAgent", `${DESIRED}.systemModules`).map(({ name, ...rest }) => ({
        ...rest,
        id: name,
        isSystem: true,
      })),
    ],
    routes: below("$edgeHub", `${DESIRED}.routes`),
    modulesPointer: pointerTo(pointer, "$edgeAgent"),
  };
}

function readTwins(
  content: Readonly<Record<string, unknown>>,
  pointer: string,
  findings: Findings,
): ReadonlyMap<string, readonly TwinPart[]> {
  const twins = new Map<string, readonly TwinPart[]>();
  for (const [id, value] of Object.entries(content)) {
    const place = pointerTo(pointer, id);
    if (!isObject(value)) {
      findings.error("twin-form", place, `settings that are ${show(value)}`, `write { "${DESIRED}": { … } }`);
      continue;
    }
    const parts = Object.entries(value).flatMap(([path, inner]): TwinPart[] => {
      if (path === DESIRED) {
        return [{ path: [], pointer: pointerTo(place, path), value: inner }];
      }
      if (path.startsWith(`${DESIRED}.`)) {
        return [{ path: path.slice(DESIRED.length + 1).split("."), pointer: pointerTo(place, path), value: inner }];
      }
      findings.error(
        "twin-form",
        pointerTo(place, path),
        `a path ${show(path)} outside of ${DESIRED}`,
        `write it below ${DESIRED}; a deployment sets nothing else`,
      );
      return [];
    });
    twins.set(id, parts);
  }
  return twins;
}

/** What a deployment that stands alone must say about agent and hub. */
function checkBase(id: SystemTwin, value: unknown, pointer: string, findings: Findings): void {
  const desired = child(value, DESIRED);
  const place = pointerTo(pointer, DESIRED);
  if (!isObject(desired)) {
    findings.error(
      id === "$edgeAgent" ? "agent-missing" : "hub-missing",
      pointer,
      `there are no desired properties of ${id}`,
      `a deployment that stands alone has ${id} with ${DESIRED}; one that adds to a base has ${DESIRED}.modules.NAME`,
    );
    return;
  }
  checkSchemaVersion(id, desired.schemaVersion, pointerTo(place, "schemaVersion"), findings);
  const known: readonly string[] = PARTS[id];
  for (const name of Object.keys(desired).filter((key) => !known.includes(key))) {
    findings.error(
      "unknown-property",
      pointerTo(place, name),
      `a property ${show(name)} that ${id} does not know`,
      `remove it; there are ${known.join(", ")}`,
    );
  }
  if (id === "$edgeAgent") {
    checkAgent(desired, place, findings);
  } else {
    checkHub(desired, place, findings);
  }
}

function checkSchemaVersion(id: SystemTwin, version: unknown, pointer: string, findings: Findings): void {
  if (version === WANTED_SCHEMA) {
    return;
  }
  const isOld = (OLD_SCHEMAS[id] as readonly unknown[]).includes(version);
  const problem = `schema version ${show(version)}`;
  const remedy = `write "${WANTED_SCHEMA}"`;
  if (isOld) {
    findings.warning("schema-version", pointer, problem, `${remedy}, which has start order and routes with priority`);
  } else {
    findings.error(
      "schema-version",
      pointer,
      problem,
      `${remedy}; devices refuse any that their runtime does not know`,
    );
  }
}

function checkAgent(desired: Readonly<Record<string, unknown>>, pointer: string, findings: Findings): void {
  if (child(desired.runtime, "type") !== "docker" || !isObject(child(desired.runtime, "settings"))) {
    findings.error(
      "runtime",
      pointerTo(pointer, "runtime"),
      `a runtime that is ${show(desired.runtime)}`,
      'write { "type": "docker", "settings": {} }',
    );
  }
  for (const name of SYSTEM_MODULES.filter((id) => child(desired.systemModules, id) === undefined)) {
    findings.error(
      "system-module",
      pointerTo(pointer, "systemModules"),
      `there is no system module ${name}`,
      "add both edgeAgent and edgeHub with their images",
    );
  }
  if (!isObject(desired.modules)) {
    findings.error(
      "modules-form",
      pointerTo(pointer, "modules"),
      "there are no modules",
      "write {} where there are none",
    );
  }
}

function checkHub(desired: Readonly<Record<string, unknown>>, pointer: string, findings: Findings): void {
  if (!isObject(desired.routes)) {
    findings.error("routes-form", pointerTo(pointer, "routes"), "there are no routes", "write {} where there are none");
  }
  const seconds = child(desired.storeAndForwardConfiguration, "timeToLiveSecs");
  if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 0) {
    findings.error(
      "time-to-live",
      pointerTo(pointer, "storeAndForwardConfiguration"),
      `messages are kept for ${show(seconds)}`,
      "write timeToLiveSecs with a whole number of seconds, for example 7200: without it nothing is kept",
    );
  }
}

const child = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
const asObject = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
