import { shown } from "./details";
import { type Differences, differencesOf } from "./differences";
import type { Detail, Subject } from "../report/report";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";
import { isEmpty, isObject, jsonIn, property } from "../json-values";

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
 * What devices get that they did not get before: modules, images, settings, routes, desired properties.
 *
 * @param before `modulesContent`, or a document that has it; nothing where there was none
 * @returns nothing where neither is a manifest
 */
export function manifestDetails(before: unknown, after: unknown, clean: Clean): Detail[] | undefined {
  const [old, next] = [contentOf(before), contentOf(after)];
  if ((old ?? next) === undefined || (before !== undefined && !old) || (after !== undefined && !next)) {
    return undefined;
  }
  const [a, b] = [partsOf(old ?? {}), partsOf(next ?? {})];
  return [
    ...entryDetails("system module", a.systemModules, b.systemModules, clean),
    ...entryDetails("module", a.modules, b.modules, clean),
    ...entryDetails("route", a.routes, b.routes, clean),
    ...timeDetails(a.secondsKept, b.secondsKept, clean),
    ...inner({ kind: "edge agent" }, differencesOf({ before: a.agent, after: b.agent }, { clean })),
    ...inner({ kind: "edge hub" }, differencesOf({ before: a.hub, after: b.hub }, { clean })),
    ...[...new Set([...Object.keys(a.twins), ...Object.keys(b.twins)])].flatMap((id) =>
      inner(
        { kind: "desired properties", name: visible(shortened(clean(id))) },
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

/** A route is told by its text, a module by its image. */
const TOLD_BY: Readonly<Record<EntryKind, string>> = { module: "image", "system module": "image", route: "route" };

type EntryKind = "module" | "system module" | "route";

function entryDetails(kind: EntryKind, before: unknown, after: unknown, clean: Clean): Detail[] {
  const read = kind === "route" ? routeOf : moduleOf;
  const names = new Set([before, after].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  return [...names].sort().flatMap((name): Detail[] => {
    const [old, next] = [property(before, name), property(after, name)];
    const subject: Subject = { kind, name: visible(shortened(clean(name))) };
    if (isEmpty(old) && isEmpty(next)) {
      return [];
    }
    if (isEmpty(old) || isEmpty(next)) {
      const told = property(read(isEmpty(old) ? next : old), TOLD_BY[kind]);
      const value = told === undefined ? undefined : shown(told, clean);
      return isEmpty(old)
        ? [{ kind: "added", path: "", subject, ...(value !== undefined && { after: value }), forcesReplacement: false }]
        : [
            {
              kind: "removed",
              path: "",
              subject,
              ...(value !== undefined && { before: value }),
              forcesReplacement: false,
            },
          ];
    }
    return inner(subject, differencesOf({ before: read(old), after: read(next) }, { clean }));
  });
}

const inner = (subject: Subject, { details }: Differences): Detail[] =>
  details.map((detail) => ({ ...detail, subject }));

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

const routeOf = (value: unknown): unknown => (typeof value === "string" ? { route: value } : value);

function timeDetails(before: unknown, after: unknown, clean: Clean): Detail[] {
  if (before === after) {
    return [];
  }
  return [
    {
      kind: "changed",
      path: "",
      subject: { kind: "time to live" },
      ...(before !== undefined && { before: shown(before, clean) }),
      ...(after !== undefined && { after: shown(after, clean) }),
      forcesReplacement: false,
    },
  ];
}
