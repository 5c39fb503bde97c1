import { isObject } from "@edge-anomaly-detection/common";

/** Keywords that explain and do not decide. */
const TEXT = new Set(["description", "title", "default", "examples", "$comment", "markdownDescription"]);

/** Keywords whose members have names that somebody chose, such as a property called `title`. */
const NAMED = new Set(["properties", "patternProperties", "definitions", "$defs", "dependencies"]);

/** A JSON schema without what only explains; it accepts the same documents. */
export function slimJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(slimJsonSchema);
  }
  if (!isObject(schema)) {
    return schema;
  }
  const kept = Object.entries(schema).filter(([keyword]) => !TEXT.has(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value]) => [
      keyword,
      NAMED.has(keyword) && isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, slimJsonSchema(inner)]))
        : keyword === "enum" || keyword === "const"
          ? value
          : slimJsonSchema(value),
    ]),
  );
}
