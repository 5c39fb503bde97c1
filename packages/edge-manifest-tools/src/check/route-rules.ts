import { isObject } from "@edge-anomaly-detection/common";
import { parseRoute } from "../routing/parse";
import { type Route, RouteSyntaxError } from "../routing/syntax";
import { conditionErrors, typeOf } from "../routing/types";
import { minorOf } from "./base-rules";
import type { RouteEntry } from "./document";
import { excerptOf, type Findings, show } from "./finding";
import { hasPlaceholder } from "./placeholder";
import { endpointsOf, isJob, type RouteContext } from "./route-context";

const ROUTE_EXAMPLE =
  'write for example FROM /messages/modules/a/outputs/b INTO BrokeredEndpoint("/modules/c/inputs/d") or INTO $upstream';

/** One route; returns what it says, where it can be understood. */
export function checkRoute(route: RouteEntry, context: RouteContext, findings: Findings): Route | undefined {
  const { name, pointer, value } = route;
  if (!/^[^.$# ]+$/.test(name) && !hasPlaceholder(name)) {
    findings.error("route-name", pointer, `a route called ${show(name)}`, "use a name without dots, $, # and spaces");
  }
  const text = isObject(value) ? value.route : value;
  if (isObject(value)) {
    checkObject(value, pointer, context, findings);
  }
  if (typeof text !== "string") {
    findings.error("route-form", pointer, `a route that is ${show(value)}`, 'write "FROM … INTO …"');
    return undefined;
  }
  if (hasPlaceholder(text)) {
    return undefined;
  }
  if (text.trim() === "" && minorOf(context.hubSchema) === 0) {
    findings.warning("route-text", pointer, "an empty route, which the edge hub skips", "remove it");
    return undefined;
  }
  const parsed = parse(text, pointer, findings);
  if (parsed !== undefined) {
    checkCondition(parsed, text, pointer, findings);
    checkSource(parsed, text, pointer, context, findings);
    checkSink(parsed, pointer, context, findings);
  }
  return parsed;
}

function parse(text: string, pointer: string, findings: Findings): Route | undefined {
  try {
    const parsed = parseRoute(text);
    if (parsed.ignoredFrom !== undefined) {
      findings.warning(
        "route-text",
        pointer,
        `text after the route's endpoint, which the edge hub ignores: ${show(text.slice(parsed.ignoredFrom))}`,
        "remove it",
      );
    }
    return parsed;
  } catch (error) {
    if (!(error instanceof RouteSyntaxError)) {
      throw error;
    }
    const reason = text.trim() === "" ? "an empty route" : `the route ${show(text)} cannot be parsed: ${error.message}`;
    findings.error(
      "route-text",
      pointer,
      `${reason}; the edge hub refuses all routes`,
      text.trim() === "" ? ROUTE_EXAMPLE : error.remedy,
      excerptOf(text, error.offset),
    );
    return undefined;
  }
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  pointer: string,
  context: RouteContext,
  findings: Findings,
): void {
  if (minorOf(context.hubSchema) === 0) {
    findings.error(
      "route-form",
      pointer,
      "a route as an object, which $edgeHub of schema version 1.0 refuses",
      'write schemaVersion "1.1" in $edgeHub, or the route as text',
    );
  }
  const isWhole = (number: unknown, max: number): boolean =>
    number === undefined ||
    hasPlaceholder(number) ||
    (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= max);
  // What the edge hub gives a route without a priority may be written out.
  if (!isWhole(value.priority, 9) && value.priority !== 2_000_000_000) {
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
  for (const name of Object.keys(value).filter((key) => !["route", "priority", "timeToLiveSecs"].includes(key))) {
    findings.unread(
      "route-form",
      pointer,
      name,
      `a route with ${show(name)}`,
      "a route has route, priority and timeToLiveSecs",
    );
  }
}

function checkCondition({ condition }: Route, text: string, pointer: string, findings: Findings): void {
  if (condition === undefined) {
    return;
  }
  const errors = conditionErrors(condition);
  for (const { message, remedy, offset } of errors) {
    findings.error(
      "route-condition",
      pointer,
      `the condition of the route ${show(text)}: ${message}; the edge hub refuses all routes`,
      remedy,
      excerptOf(text, offset),
    );
  }
  const type = typeOf(condition);
  if (errors.length === 0 && type !== "bool" && type !== "dynamic") {
    findings.warning(
      "route-never",
      pointer,
      `the condition of the route ${show(text)} is ${type === "string" || type === "number" ? `a ${type}` : type}: no message takes the route`,
      "compare it with something, for example a = 'b'",
    );
  }
}

function checkSource(
  { source }: Route,
  text: string,
  pointer: string,
  context: RouteContext,
  findings: Findings,
): void {
  if (source.reads === "nothing") {
    const hasStar = source.text.replace(/\*+$/, "").includes("*");
    const problem = `no message has a source like ${show(source.text)}`;
    if (hasStar || /^\/messages\//i.test(source.text)) {
      findings.error(
        "route-source",
        pointer,
        hasStar ? `${problem}: a star counts at the end only` : problem,
        "read /*, /messages/*, /messages/modules/*, /messages/modules/a/* or /messages/modules/a/outputs/b",
        excerptOf(text, source.offset),
      );
    } else {
      findings.warning(
        "route-source",
        pointer,
        problem,
        "read /*, /messages/*, /messages/modules/… or /twinChangeNotifications",
      );
    }
    return;
  }
  const { module: named, output } = source;
  if (named === undefined) {
    return;
  }
  const id = inAnyCase(named, context) ?? named;
  const module = context.modules.get(id);
  if (module === undefined) {
    findings.warning(
      "route-source-module",
      pointer,
      `the route reads the module ${named}, which is not deployed`,
      context.isPartial ? TOGETHER : missingModule(named, context),
    );
  }
  const outputs = endpointsOf(id, module, context)?.outputs;
  const isKnown = outputs?.some((name) => name.toLowerCase() === output?.toLowerCase());
  if (output !== undefined && outputs !== undefined && isKnown === false) {
    findings.error(
      "route-source-output",
      pointer,
      `the route reads the output ${output} of ${id}, which it does not have`,
      `use ${outputs.join(" or ")}`,
    );
  }
}

const TOGETHER = "check it together with the device's other layers, one of which may bring it";

function checkSink({ endpoint }: Route, pointer: string, context: RouteContext, findings: Findings): void {
  if (endpoint.kind === "upstream") {
    return;
  }
  const { module: named, input } = endpoint;
  const id = context.modules.has(named) ? named : (inAnyCase(named, context) ?? named);
  const module = context.modules.get(id);
  if (id !== named) {
    findings.warning(
      "route-sink-module",
      pointer,
      `the route leads to ${named}; the module is called ${id}, and endpoints are compared letter by letter`,
      `write ${id}`,
    );
  } else if (module === undefined && context.isPartial) {
    findings.warning(
      "route-sink-module",
      pointer,
      `the route leads to the module ${id}, which is not deployed`,
      TOGETHER,
    );
  } else if (module === undefined) {
    findings.error(
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

/** A deployed module's id, written in any case: sources are compared so. */
function inAnyCase(name: string, { modules }: RouteContext): string | undefined {
  return modules.has(name) ? name : [...modules.keys()].find((id) => id.toLowerCase() === name.toLowerCase());
}

function missingModule(id: string, context: RouteContext): string {
  const ids = [...context.modules.keys()];
  const some = ids.length > 10 ? `${ids.slice(0, 10).join(", ")}, …` : ids.join(", ");
  return Object.hasOwn(context.jobs, id)
    ? `deploy the Stream Analytics job as a module: image, env and twin as publishing it answers`
    : `deploy it, or route by a module that is: ${some === "" ? "there is none" : some}`;
}
