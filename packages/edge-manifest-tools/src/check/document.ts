import { isObject } from "@edge-anomaly-detection/common";
import { checkAgentAndHub, checkRegistryCredential, DESIRED } from "./base-rules";
import { type Findings, pointerTo, show } from "./finding";
import type { ModuleEntry } from "./module-rules";
import { holdsPlaceholder } from "./placeholder";
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
  /** Whether something still has to fill it in: the IoT Edge tools, or a pipeline. */
  readonly isTemplate: boolean;
  readonly priority?: number;
  readonly modules: readonly ModuleEntry[];
  readonly routes: readonly RouteEntry[];
  /** Schema version of `$edgeHub`. @default - it does not say one */
  readonly hubSchema?: unknown;
  /** Parts of the desired properties by module. */
  readonly twins: ReadonlyMap<string, readonly TwinPart[]>;
  /** Where modules stand. */
  readonly modulesPointer: string;
}

const CREDENTIALS = `${DESIRED}.runtime.settings.registryCredentials`;

interface Content {
  readonly content: Readonly<Record<string, unknown>>;
  readonly pointer: string;
}

/**
 * Finds a document's parts, and what is wrong with its outer form.
 *
 * @param isKnownTemplate whether it is a template even where it does not look like one
 */
export function openDocument(
  document: Readonly<Record<string, unknown>>,
  findings: Findings,
  isKnownTemplate = false,
): Deployment | undefined {
  const found = contentOf(document);
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
  if (pointer.endsWith("/moduleContent")) {
    findings.warning("legacy-content", pointer, "moduleContent, the name of the preview", "write modulesContent");
  }
  const isTemplate = isKnownTemplate || "$schema-template" in document || holdsPlaceholder(content);
  const isLayered = isLayer(content, isTemplate);
  const twins = readTwins(content, pointer, findings);
  checkAgentAndHub(content, pointer, isLayered, findings);
  checkLayerCredentials(content.$edgeAgent, pointerTo(pointer, "$edgeAgent"), findings);
  const agentPointer = pointerTo(pointer, "$edgeAgent");
  return {
    isLayered,
    isTemplate,
    ...(typeof document.priority === "number" && { priority: document.priority }),
    modules: readModules(content.$edgeAgent, agentPointer),
    routes: entriesOf(content.$edgeHub, pointerTo(pointer, "$edgeHub"), "routes"),
    hubSchema: child(child(content.$edgeHub, DESIRED), "schemaVersion"),
    twins,
    modulesPointer: isLayered ? agentPointer : pointerTo(agentPointer, DESIRED, "modules"),
  };
}

/** Whether a document holds what devices get, whatever is right or wrong with it. */
export const isManifest = (document: Readonly<Record<string, unknown>>): boolean => contentOf(document) !== undefined;

/** Whether a document only adds to a base, as `openDocument` sees it. */
export function isLayeredDocument(document: Readonly<Record<string, unknown>>, isKnownTemplate = false): boolean {
  const found = contentOf(document);
  const isTemplate = isKnownTemplate || "$schema-template" in document || holdsPlaceholder(found?.content);
  return found !== undefined && isLayer(found.content, isTemplate);
}

function contentOf(document: Readonly<Record<string, unknown>>): Content | undefined {
  const whole = isObject(document.content) ? document.content : {};
  const places: readonly (readonly [unknown, string])[] = [
    [document.modulesContent, "/modulesContent"],
    [whole.modulesContent, "/content/modulesContent"],
    [document.moduleContent, "/moduleContent"],
    [whole.moduleContent, "/content/moduleContent"],
  ];
  const found = places.find(([content]) => isObject(content));
  if (found !== undefined) {
    return { content: asObject(found[0]), pointer: found[1] };
  }
  return "$edgeAgent" in document || "$edgeHub" in document ? { content: document, pointer: "" } : undefined;
}

/** A layer has paths below the desired properties; templates of layers may have the agent's modules under their own name. */
function isLayer(content: Readonly<Record<string, unknown>>, isTemplate: boolean): boolean {
  const agent = content.$edgeAgent;
  const desired = child(agent, DESIRED);
  const isWhole = ["schemaVersion", "runtime", "systemModules"].some((name) => child(desired, name) !== undefined);
  const paths = [agent, content.$edgeHub].flatMap((part) => (isObject(part) ? Object.keys(part) : []));
  const hasPaths = paths.some((path) => path.startsWith(`${DESIRED}.`));
  const isOnlyTwins = paths.length === 0 && Object.keys(content).some((id) => !id.startsWith("$"));
  return !isWhole && ((hasPaths && (desired === undefined || isTemplate)) || isOnlyTwins);
}

function readModules(agent: unknown, pointer: string): ModuleEntry[] {
  return (["systemModules", "modules"] as const).flatMap((field) =>
    entriesOf(agent, pointer, field).map(({ name, ...rest }) => ({
      ...rest,
      id: name,
      isSystem: field === "systemModules",
    })),
  );
}

/** What stands in `field` of a part's desired properties, under its own path or in the whole. */
function entriesOf(part: unknown, pointer: string, field: string): RouteEntry[] {
  const whole = Object.entries(asObject(child(child(part, DESIRED), field))).map(([name, value]) => ({
    name,
    value,
    pointer: pointerTo(pointer, DESIRED, field, name),
  }));
  const prefix = `${DESIRED}.${field}.`;
  const alone = Object.entries(asObject(part)).flatMap(([key, value]) => {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : "";
    // A longer path changes a part of a module that another layer declares.
    return name === "" || isLongerPath(name) ? [] : [{ name, value, pointer: pointerTo(pointer, key) }];
  });
  return [...whole, ...alone];
}

/** `${MODULES.x}` has a dot of its own. */
const isLongerPath = (name: string): boolean => name.replaceAll(/\$\{[^{}]*\}/g, "").includes(".");

function readTwins(
  content: Readonly<Record<string, unknown>>,
  pointer: string,
  findings: Findings,
): ReadonlyMap<string, readonly TwinPart[]> {
  const twins = new Map<string, readonly TwinPart[]>();
  for (const [id, value] of Object.entries(content)) {
    // Content that stands alone in a file may have a template's version beside it.
    if (pointer === "" && id.startsWith("$schema")) {
      continue;
    }
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

function checkLayerCredentials(agent: unknown, pointer: string, findings: Findings): void {
  for (const [key, value] of Object.entries(asObject(agent))) {
    if (key === CREDENTIALS) {
      for (const [name, credential] of Object.entries(asObject(value))) {
        checkRegistryCredential(name, credential, pointerTo(pointer, key, name), findings);
      }
    } else if (key.startsWith(`${CREDENTIALS}.`) && !key.slice(CREDENTIALS.length + 1).includes(".")) {
      checkRegistryCredential(key.slice(CREDENTIALS.length + 1), value, pointerTo(pointer, key), findings);
    }
  }
}

const child = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
const asObject = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
