/** A route's text, taken apart. */
export interface ParsedRoute {
  /** Module that it reads; `*` for all, undefined for sources that are no module. */
  readonly sourceModule?: string;
  /** Output that it reads; `*` for all of the module's. */
  readonly sourceOutput?: string;
  /** Condition, if there is one. */
  readonly where?: string;
  /** Where it leads: the hub, or a module's input. */
  readonly sink: "$upstream" | { readonly module: string; readonly input: string };
}

const ROUTE = /^\s*FROM\s+(\S+)(?:\s+WHERE\s+([\s\S]+?))?\s+INTO\s+(\S[\s\S]*?)\s*$/i;
const SINK = /^BrokeredEndpoint\(\s*"\/modules\/([^/"\s]+)\/inputs\/([^/"\s]+)"\s*\)$/i;
const MODULE_SOURCE = /^\/messages\/modules\/([^/]+)(?:\/\*|\/outputs(?:\/([^/]+))?(?:\/\*)?)?$/i;
const OTHER_SOURCES = new Set(["/twinchangenotifications", "/modulelifecycleevents", "/deviceconnectionstateevents"]);

/** Takes a route's text apart, or says in one line what cannot be understood. */
export function parseRoute(text: string): ParsedRoute | { readonly unparsable: string } {
  const match = ROUTE.exec(text);
  if (match === null) {
    return { unparsable: "it is not of the form FROM source [WHERE condition] INTO sink" };
  }
  const [, source = "", where, target = ""] = match;
  const sink = parseSink(target);
  const from = parseSource(source);
  if (from === undefined) {
    return { unparsable: `there is no source ${source}` };
  }
  if (sink === undefined) {
    return { unparsable: `there is no sink ${target}` };
  }
  if (where !== undefined && !isBalanced(where)) {
    return { unparsable: "its condition has an open quote or bracket" };
  }
  return { ...from, ...(where !== undefined && { where }), sink };
}

function parseSource(source: string): Pick<ParsedRoute, "sourceModule" | "sourceOutput"> | undefined {
  const text = source.toLowerCase();
  if (text === "/*" || text === "/messages" || text === "/messages/*" || text === "/messages/modules/*") {
    return { sourceModule: "*", sourceOutput: "*" };
  }
  const match = MODULE_SOURCE.exec(source);
  if (match?.[1] !== undefined) {
    return { sourceModule: match[1], sourceOutput: match[2] ?? "*" };
  }
  return OTHER_SOURCES.has(text.replace(/\/\*$/, "")) ? {} : undefined;
}

function parseSink(target: string): ParsedRoute["sink"] | undefined {
  if (target.toLowerCase() === "$upstream") {
    return "$upstream";
  }
  const match = SINK.exec(target);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { module: match[1], input: match[2] };
}

/** Whether quotes and brackets come in pairs. */
export function isBalanced(text: string): boolean {
  let level = 0;
  let quote: string | undefined;
  for (const character of text) {
    if (quote !== undefined) {
      quote = character === quote ? undefined : quote;
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (character === "(") {
      level++;
    } else if (character === ")") {
      level--;
      if (level < 0) {
        return false;
      }
    }
  }
  return level === 0 && quote === undefined;
}
