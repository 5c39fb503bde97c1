type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What differs with every change of the sources that images are built from, and says nothing to a reader of a snapshot: the
 * tags, the sources themselves, and the names of versions that have the image's tag in them.
 */
const CONTENT_HASH = /\b(source|content)-[0-9a-f]{12}\b/g;
const SOURCES = "encodedTaskContent";

/** Tags that every taggable resource of the stack has; said once. */
const COMMON_TAGS = "(the environment's tags)";

/**
 * A synthesized stack as reviewers read it in a diff: without synthesis metadata, embedded JSON opened up, long text as
 * lines, keys sorted, the tags that are the same everywhere said once.
 *
 * @param text content of a `cdk.tf.json`
 * @returns text of the snapshot, ending in a newline
 */
export function snapshot(text: string): string {
  const stack = JSON.parse(text.replaceAll(CONTENT_HASH, "$1-(hash)")) as {
    resource?: Record<string, Record<string, { tags?: Json }>>;
  };
  const group = Object.values(stack.resource?.azurerm_resource_group ?? {})[0];
  const commonTags = JSON.stringify(group?.tags ?? null);
  return `${layOut(readable(stack, commonTags))}\n`;
}

function readable(value: Json, commonTags: string, key = ""): Json {
  if (typeof value === "string") {
    return key === "data_json" ? readable(JSON.parse(value) as Json, commonTags) : lines(value);
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((inner) => readable(inner, commonTags));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(withoutContentHash(value))
    .filter(([name]) => name !== "//")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]): [string, Json] => [name, name === SOURCES ? "(sources)" : inner])
    .map(([name, inner]): [string, Json] =>
      name === "tags" && JSON.stringify(inner) === commonTags && commonTags !== "null"
        ? [name, COMMON_TAGS]
        : [name, readable(inner, commonTags, name)],
    );
  return Object.fromEntries(entries);
}

/** A deployment's id ends in the hash of its content, and so of an image's tag in it. */
function withoutContentHash(value: object): Readonly<Record<string, Json>> {
  const entries = value as Readonly<Record<string, Json>>;
  const { id, content } = entries;
  const isNamedBySources = typeof id === "string" && typeof content === "string" && content.includes("source-(hash)");
  return isNamedBySources ? { ...entries, id: id.replace(/-[0-9a-f]{10}$/, "-(hash)") } : entries;
}

const WIDTH = 120;

/** What fits on a line stands on one, so that a resource is a few lines and a change one of them. */
function layOut(value: Json, indent = ""): string {
  const short = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + short.length <= WIDTH - 20) {
    return short;
  }
  const inner = `${indent}  `;
  const [open, close, parts] = Array.isArray(value)
    ? ["[", "]", (value as readonly Json[]).map((item) => layOut(item, inner))]
    : ["{", "}", Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, inner)}`)];
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function lines(text: string): Json {
  const parts = text.split("\n");
  return parts.length > 1 ? parts : text;
}
