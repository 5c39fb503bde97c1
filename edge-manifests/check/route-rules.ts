import { isObject } from "../json";
import {
  DETECTOR_ENDPOINTS,
  DETECTOR_MODULE,
  IMAGE_REPOSITORIES,
  type ModuleEndpoints,
  SIMULATED_SENSOR_ENDPOINTS,
} from "../modules";
import type { RouteEntry } from "./document";
import { type Findings, show } from "./finding";
import { type ModuleEntry, repositoryOf } from "./module-rules";
import { type ParsedRoute, parseRoute } from "./route-text";

/** What is known about the device that routes are for. */
export interface RouteContext {
  /** All modules on the device, whichever layer brings them. */
  readonly modules: ReadonlyMap<string, ModuleEntry>;
  /** Aliases of Stream Analytics jobs by name. */
  readonly jobs: Readonly<Record<string, ModuleEndpoints>>;
  /** Whether other layers may bring modules that are not seen here. */
  readonly isPartial: boolean;
}

/** One route; returns what it says, where it can be understood. */
export function checkRoute(route: RouteEntry, context: RouteContext, findings: Findings): ParsedRoute | undefined {
  const { name, pointer, value } = route;
  if (!/^[^.$# ]+$/.test(name)) {
    findings.error("route-name", pointer, `a route called ${show(name)}`, "use a name without dots, $, # and spaces");
  }
  const text = isObject(value) ? value.route : value;
  if (isObject(value)) {
    checkRank(value, pointer, findings);
  }
  if (typeof text !== "string") {
    findings.error("route-form", pointer, `a route that is ${show(value)}`, 'write "FROM … INTO …"');
    return undefined;
  }
  const parsed = parseRoute(text);
  if ("unparsable" in parsed) {
    findings.error(
      "route-text",
      pointer,
      `the route ${show(text)} cannot be understood: ${parsed.unparsable}`,
      'write for example FROM /messages/modules/a/outputs/b INTO BrokeredEndpoint("/modules/c/inputs/d") or INTO $upstream',
    );
    return undefined;
  }
  checkSource(parsed, pointer, context, findings);
  checkSink(parsed, pointer, context, findings);
  return parsed;
}

function checkRank(value: Readonly<Record<string, unknown>>, pointer: string, findings: Findings): void {
  const isWhole = (number: unknown, max: number): boolean =>
    number === undefined || (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= max);
  if (!isWhole(value.priority, 9)) {
    findings.error(
      "route-priority",
      pointer,
      `a priority of ${show(value.priority)}`,
      "use a whole number from 0 (first) to 9, or leave it out",
    );
  }
  if (!isWhole(value.timeToLiveSecs, 4_294_967_295)) {
    findings.error(
      "route-time-to-live",
      pointer,
      `a time to live of ${show(value.timeToLiveSecs)}`,
      "use a whole number of seconds, or leave it out",
    );
  }
  const unknown = Object.keys(value).filter((key) => !["route", "priority", "timeToLiveSecs"].includes(key));
  if (unknown.length > 0) {
    findings.error(
      "route-form",
      pointer,
      `a route with ${unknown.join(", ")}`,
      "a route has route, priority and timeToLiveSecs",
    );
  }
}

function checkSource(parsed: ParsedRoute, pointer: string, context: RouteContext, findings: Findings): void {
  const { sourceModule: id, sourceOutput: output } = parsed;
  if (id === undefined || id === "*") {
    return;
  }
  const module = context.modules.get(id);
  if (module === undefined) {
    report(
      context,
      findings,
      "route-source-module",
      pointer,
      `the route reads the module ${id}, which is not deployed`,
      missingModule(id, context),
    );
  }
  const outputs = endpointsOf(id, module, context)?.outputs;
  if (output !== undefined && output !== "*" && outputs !== undefined && !outputs.includes(output)) {
    findings.error(
      "route-source-output",
      pointer,
      `the route reads the output ${output} of ${id}, which it does not have`,
      `use ${outputs.join(" or ")}`,
    );
  }
}

function checkSink(parsed: ParsedRoute, pointer: string, context: RouteContext, findings: Findings): void {
  if (parsed.sink === "$upstream") {
    return;
  }
  const { module: id, input } = parsed.sink;
  const module = context.modules.get(id);
  if (module === undefined) {
    report(
      context,
      findings,
      "route-sink-module",
      pointer,
      `the route leads to the module ${id}, which is not deployed: messages wait until they expire`,
      missingModule(id, context),
    );
  }
  const inputs = endpointsOf(id, module, context)?.inputs;
  if (inputs !== undefined && !inputs.includes(input)) {
    findings.error(
      "route-sink-input",
      pointer,
      `nobody reads the input ${input} of ${id}: messages wait until they expire`,
      isJob(id, module, context)
        ? `use an alias of the Stream Analytics job's inputs: ${inputs.join(" or ")}`
        : `use ${inputs.join(" or ")}`,
    );
  }
}

function missingModule(id: string, context: RouteContext): string {
  return Object.hasOwn(context.jobs, id)
    ? `deploy the Stream Analytics job as a module: image, env and twin as publishing it answers`
    : `deploy it, or route by a module that is: ${[...context.modules.keys()].join(", ") || "there is none"}`;
}

function report(
  context: RouteContext,
  findings: Findings,
  rule: string,
  pointer: string,
  problem: string,
  remedy: string,
): void {
  if (context.isPartial) {
    findings.warning(
      rule,
      pointer,
      problem,
      "check it together with the device's other layers, one of which may bring it",
    );
  } else {
    findings.error(rule, pointer, problem, remedy);
  }
}

function isJob(id: string, module: ModuleEntry | undefined, context: RouteContext): boolean {
  return Object.hasOwn(context.jobs, id) || imageOf(module) === IMAGE_REPOSITORIES.streamAnalytics;
}

/** What a module reads and writes, where it is known. */
function endpointsOf(id: string, module: ModuleEntry | undefined, context: RouteContext): ModuleEndpoints | undefined {
  const image = imageOf(module);
  if (isJob(id, module, context)) {
    return Object.hasOwn(context.jobs, id) ? context.jobs[id] : Object.values(context.jobs)[0];
  }
  if (image === IMAGE_REPOSITORIES.simulatedSensor) {
    return SIMULATED_SENSOR_ENDPOINTS;
  }
  return id === DETECTOR_MODULE ? DETECTOR_ENDPOINTS : undefined;
}

function imageOf(module: ModuleEntry | undefined): string {
  const settings = isObject(module?.value) ? module.value.settings : undefined;
  return repositoryOf(isObject(settings) ? settings.image : undefined);
}

/** Modules that no route reads from or leads to. */
export function checkReach(
  own: readonly ModuleEntry[],
  routes: readonly ParsedRoute[],
  isPartial: boolean,
  findings: Findings,
): void {
  const reached = new Set(
    routes.flatMap(({ sourceModule, sink }) => [sourceModule, sink === "$upstream" ? undefined : sink.module]),
  );
  if (isPartial || reached.has("*")) {
    return;
  }
  for (const { id, pointer } of own.filter((module) => !module.isSystem && !reached.has(module.id))) {
    findings.warning(
      "module-unreached",
      pointer,
      `no route reads ${id} or leads to it`,
      "add a route, or leave the module out if it has nothing to say",
    );
  }
}
