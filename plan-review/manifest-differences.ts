import { isObject } from "../edge-manifests/json";
import { type Differences, differencesOf, inWords } from "./differences";
import { isEmpty, jsonIn, property } from "./values";

const DESIRED = "properties.desired";

type Clean = (text: string) => string;

/** A manifest by what devices get, whether it stands alone or adds to another. */
interface ManifestParts {
  readonly systemModules: unknown;
  readonly modules: unknown;
  readonly routes: unknown;
  readonly secondsKept: unknown;
  /** Whatever else agent and hub are told. */
  readonly agent: unknown;
  readonly hub: unknown;
  /** Desired properties of the other modules' twins. */
  readonly twins: Readonly<Record<string, unknown>>;
}

/**
 * What devices get that they did not get before, a line each: modules, images, settings, routes, desired properties.
 *
 * @param before `modulesContent`, or a document that has it; nothing where there was none
 * @returns nothing where neither is a manifest
 */
export function manifestLines(before: unknown, after: unknown, clean: Clean): string[] | undefined {
  const [old, next] = [contentOf(before), contentOf(after)];
  if ((old ?? next) === undefined || (before !== undefined && !old) || (after !== undefined && !next)) {
    return undefined;
  }
  const [a, b] = [partsOf(old ?? {}), partsOf(next ?? {})];
  return [
    ...entryLines("system module", a.systemModules, b.systemModules, moduleOf, moduleInWords, clean),
    ...entryLines("module", a.modules, b.modules, moduleOf, moduleInWords, clean),
    ...entryLines("route", a.routes, b.routes, routeOf, routeInWords, clean),
    ...timeLines(a.secondsKept, b.secondsKept, clean),
    ...inner("edge agent", differencesOf({ before: a.agent, after: b.agent }, { clean })),
    ...inner("edge hub", differencesOf({ before: a.hub, after: b.hub }, { clean })),
    ...[...new Set([...Object.keys(a.twins), ...Object.keys(b.twins)])].flatMap((id) =>
      inner(
        `desired properties of ${clean(id)}`,
        differencesOf({ before: property(a.twins, id), after: property(b.twins, id) }, { clean }),
      ),
    ),
  ];
}

function contentOf(document: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner = property(document, "content") ?? document;
  const content = property(inner, "modulesContent") ?? inner;
  return isObject(content) && ["$edgeAgent", "$edgeHub"].some((id) => isObject(property(content, id)))
    ? content
    : undefined;
}

function partsOf(content: Readonly<Record<string, unknown>>): ManifestParts {
  const { systemModules, modules, ...agent } = desiredOf(property(content, "$edgeAgent"));
  const { routes, storeAndForwardConfiguration, ...hub } = desiredOf(property(content, "$edgeHub"));
  const twins = Object.entries(content).filter(([id]) => id !== "$edgeAgent" && id !== "$edgeHub");
  return {
    systemModules,
    modules,
    routes,
    secondsKept: property(storeAndForwardConfiguration, "timeToLiveSecs"),
    agent,
    hub,
    twins: Object.fromEntries(twins.map(([id, twin]) => [id, desiredOf(twin)])),
  };
}

/** Desired properties as a tree: those of a layered deployment stand under paths, `properties.desired.modules.NAME`. */
function desiredOf(twin: unknown): Record<string, unknown> {
  const tree = Object.create(null) as Record<string, unknown>;
  for (const [path, value] of Object.entries(isObject(twin) ? twin : {})) {
    const names = path === DESIRED ? [] : path.slice(DESIRED.length + 1).split(".");
    if (path !== DESIRED && !path.startsWith(`${DESIRED}.`)) {
      tree[path] = value;
    } else if (names.length === 0) {
      Object.assign(tree, isObject(value) ? value : { [DESIRED]: value });
    } else {
      put(tree, names, value);
    }
  }
  return tree;
}

function put(tree: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const branch = Object.assign(Object.create(null) as Record<string, unknown>, property(tree, name));
  tree[name] = branch;
  put(branch, rest, value);
}

function entryLines(
  kind: string,
  before: unknown,
  after: unknown,
  read: (value: unknown) => unknown,
  words: (value: unknown, clean: Clean) => string,
  clean: Clean,
): string[] {
  const names = new Set([before, after].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  return [...names].sort().flatMap((name) => {
    const [old, next] = [property(before, name), property(after, name)];
    const title = `${kind} ${clean(name)}`;
    if (isEmpty(old) && isEmpty(next)) {
      return [];
    }
    if (isEmpty(old) || isEmpty(next)) {
      const word = isEmpty(old) ? "added" : "removed";
      return [`${title} ${word}${words(read(old ?? next), clean)}`];
    }
    return inner(title, differencesOf({ before: read(old), after: read(next) }, { clean }));
  });
}

function inner(title: string, { details }: Differences): string[] {
  return details.flatMap(({ path, text, lines = [] }) => [
    `${title}: ${[path, text].filter((part) => part !== "").join(" ")}`,
    ...lines.map((line) => `  ${line}`),
  ]);
}

/** A module without the forms that the runtime wants: options joined and opened up, variables by name. */
function moduleOf(value: unknown): unknown {
  if (!isObject(value)) {
    return value;
  }
  const { settings, env, ...rest } = value;
  const entries = Object.entries(isObject(settings) ? settings : {});
  const isOption = ([name]: readonly [string, unknown]): boolean => /^createOptions(\d\d)?$/.test(name);
  const pieces = entries.filter(isOption).sort(([a], [b]) => (a < b ? -1 : 1));
  const options = pieces.map(([, piece]) => (typeof piece === "string" ? piece : JSON.stringify(piece))).join("");
  return {
    ...Object.fromEntries(entries.filter((entry) => !isOption(entry))),
    ...rest,
    ...(pieces.length > 0 && { createOptions: jsonIn(options) ?? options }),
    ...(isObject(env) && {
      env: Object.fromEntries(Object.entries(env).map(([name, entry]) => [name, property(entry, "value") ?? entry])),
    }),
  };
}

function moduleInWords(module: unknown, clean: Clean): string {
  const image = property(module, "image");
  return image === undefined ? "" : `, image ${inWords(image, clean)}`;
}

const routeOf = (value: unknown): unknown => (typeof value === "string" ? { route: value } : value);

function routeInWords(route: unknown, clean: Clean): string {
  const text = property(route, "route");
  return typeof text === "string" ? `: ${inWords(text, clean)}` : "";
}

function timeLines(before: unknown, after: unknown, clean: Clean): string[] {
  if (before === after) {
    return [];
  }
  const [old, next] = [before, after].map((seconds) =>
    seconds === undefined ? undefined : `${inWords(seconds, clean)} seconds`,
  );
  if (old === undefined || next === undefined) {
    return [`messages are kept for ${next ?? "no set time"}${old === undefined ? "" : `, before for ${old}`}`];
  }
  return [`messages are kept for ${next}, before for ${old}`];
}
