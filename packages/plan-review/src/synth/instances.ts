import { isObject } from "../json-values";
import type { Each } from "./expressions/references";
import { Resolver } from "./expressions/resolver";
import { plain, Unresolved } from "./expressions/unresolved";
import type { Block, SynthStack } from "./stack";

/** One object that a configuration asks for. */
export interface Instance {
  /** Terraform's address, with its key where it is one of several. */
  readonly address: string;
  readonly type: string;
  /** Type of an `azapi_resource`. */
  readonly armType?: string;
  /** Arguments, worked out as far as they can be without state; the rest is text. */
  readonly arguments: Block;
  /** Where a text stands for a value that only Terraform knows. */
  readonly unresolved: readonly UnresolvedPlace[];
  readonly lifecycle: Block;
}

/** A place in the arguments whose value only Terraform knows. */
export interface UnresolvedPlace {
  /** Names and indices that lead there. */
  readonly steps: readonly string[];
  readonly text: string;
  /** What is known of the values that it is made of. */
  readonly parts: string;
}

/** The objects of a stack, and what could not be told apart. */
export interface Instances {
  readonly byAddress: ReadonlyMap<string, Instance>;
  /** Addresses of resources whose instances only Terraform knows. */
  readonly unexpanded: readonly string[];
}

/** What Terraform takes for itself; a provider never sees it. */
const META = ["for_each", "count", "lifecycle", "depends_on", "provider", "provisioner", "connection"];

/** Blocks of a stack by type and name. */
export function section(
  stack: SynthStack,
  name: "resource" | "data" | "ephemeral",
): Readonly<Record<string, Readonly<Record<string, Block>>>> {
  return (stack.json[name] ?? {}) as Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

/** Works out expressions of a stack. */
export function resolverOf(stack: SynthStack): Resolver {
  const single = Object.entries(section(stack, "resource")).map(([type, blocks]) => [
    type,
    Object.fromEntries(
      Object.entries(blocks).filter(([, block]) => block.for_each === undefined && block.count === undefined),
    ),
  ]);
  return new Resolver({
    locals: isObject(stack.json.locals) ? stack.json.locals : {},
    resources: Object.fromEntries(single) as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  });
}

/**
 * Tells the objects of a stack apart.
 *
 * @param together addresses of resources that are taken as one, because their instances are not known on the other side
 */
export function instancesOf(stack: SynthStack, resolver: Resolver, together: ReadonlySet<string>): Instances {
  const byAddress = new Map<string, Instance>();
  const unexpanded: string[] = [];
  for (const [type, blocks] of Object.entries(section(stack, "resource"))) {
    for (const [id, block] of Object.entries(blocks)) {
      const base = `${type}.${id}`;
      const keys = together.has(base) ? undefined : keysOf(block, resolver);
      if (keys === undefined) {
        unexpanded.push(base);
      }
      for (const each of keys ?? [undefined]) {
        const address = each === undefined ? base : `${base}[${each.index}]`;
        byAddress.set(address, instance(address, type, block, resolver, each));
      }
    }
  }
  return { byAddress, unexpanded };
}

interface Key extends Each {
  /** As an address has it, `"press"` or `0`. */
  readonly index: string;
}

/** Keys of a resource's instances; `[undefined]` for one without, nothing where only Terraform knows them. */
function keysOf(block: Block, resolver: Resolver): readonly (Key | undefined)[] | undefined {
  if (block.for_each !== undefined) {
    return keysOfMap(resolver.resolve(block.for_each));
  }
  if (block.count === undefined) {
    return [undefined];
  }
  const count = Number(resolver.resolve(block.count));
  return Number.isInteger(count) && count <= MAX_COUNT
    ? Array.from({ length: count }, (_, index) => ({ key: String(index), value: index, index: String(index) }))
    : undefined;
}

/** Instances of one resource that are told apart. */
const MAX_COUNT = 10_000;

function keysOfMap(keys: unknown): readonly Key[] | undefined {
  if (Array.isArray(keys) && keys.every((key) => typeof key === "string")) {
    return keys.map((key) => ({ key, value: key, index: JSON.stringify(key) }));
  }
  return isObject(keys) && !(keys instanceof Unresolved)
    ? Object.entries(keys).map(([key, value]) => ({ key, value, index: JSON.stringify(key) }))
    : undefined;
}

function instance(address: string, type: string, block: Block, resolver: Resolver, each: Each | undefined): Instance {
  const written = Object.fromEntries(Object.entries(block).filter(([name]) => !META.includes(name)));
  const resolved = resolver.resolve(written, each);
  const lifecycle: unknown = Array.isArray(block.lifecycle) ? block.lifecycle[0] : block.lifecycle;
  return {
    address,
    type,
    ...(type === "azapi_resource" && typeof block.type === "string" && { armType: block.type }),
    arguments: plain(resolved) as Block,
    unresolved: placesIn(resolved),
    lifecycle: isObject(lifecycle) ? lifecycle : {},
  };
}

function placesIn(value: unknown, steps: readonly string[] = []): UnresolvedPlace[] {
  if (value instanceof Unresolved) {
    return [{ steps, text: value.text, parts: value.parts }];
  }
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...steps, name]))
    : [];
}
