import { type RouteEndpoint, type RouteSource, RouteSyntaxError } from "./syntax";

/** What sources a message of the edge hub can have (Azure/iotedge, `messageSources/`), by their segments in lower case. */
const READS: readonly (readonly [RegExp, RouteSource["reads"]])[] = [
  [/^\/?$/, "everything"],
  [/^\/messages$/, "messages"],
  [/^\/messages\/modules$/, "modules"],
  [/^\/messages\/modules\/[^/*]+(\/outputs(\/[^/*]+)?)?$/, "module"],
  [/^\/twinchangenotifications$/, "twinChanges"],
];

/** A source's text without the stars and slashes at its end, which the runtime takes away before it compares. */
export function prefixOf(text: string): string {
  const prefix = text.replace(/\*+$/, "");
  return prefix.length > 1 ? prefix.replace(/\/+$/, "") : prefix;
}

/** What a source's text names and can match. */
export function sourceOf(text: string, offset: number): RouteSource {
  const prefix = prefixOf(text);
  const reads = READS.find(([pattern]) => pattern.test(prefix.toLowerCase()))?.[1] ?? "nothing";
  const [, , , module, , output] = prefix.split("/");
  return {
    text,
    offset,
    reads,
    ...(reads === "module" && module !== undefined && { module }),
    ...(reads === "module" && output !== undefined && { output }),
  };
}

/**
 * The input that an address names: four parts, of which the runtime reads the second and the fourth, with or without a
 * slash before and after (Azure/iotedge, `routing/EndpointFactory.cs`).
 */
export function endpointOf(address: string, offset: number, remedy: string): RouteEndpoint {
  const parts = address.trim().replace(/^\//, "").replace(/\/$/, "").split("/");
  const [, module = "", , input = ""] = parts;
  if (parts.length !== 4 || module.trim() === "" || input.trim() === "") {
    throw new RouteSyntaxError(`the address ${JSON.stringify(address)} names no input of a module`, offset, remedy);
  }
  return { kind: "module", module, input, offset };
}
