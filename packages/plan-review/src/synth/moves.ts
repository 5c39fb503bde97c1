import { isObject } from "../json-values";
import type { Instance, Instances } from "./instances";
import type { Block, SynthStack } from "./stack";

/** Blocks of a kind that stand beside resources: `moved`, `import`, `removed`. */
function blocksOf(stack: SynthStack, name: string): readonly Block[] {
  const blocks = stack.json[name];
  return (Array.isArray(blocks) ? (blocks as readonly unknown[]) : [blocks]).filter(isObject);
}

/** An address without the braces that some write around it. */
function addressIn(value: unknown): string {
  return typeof value === "string" ? value.replace(/^\$\{(.*)\}$/, "$1") : "";
}

/** The address under `to` of what is at or below `from`; nothing for any other. */
function rebased(address: string, from: string, to: string): string | undefined {
  const isBelow = from !== "" && (address === from || address.startsWith(`${from}[`));
  return isBelow ? `${to}${address.slice(from.length)}` : undefined;
}

/** Objects of the old side under the addresses that `moved` blocks give them, and the addresses that they had. */
export function moved(
  before: Instances,
  head: SynthStack,
): { readonly byAddress: ReadonlyMap<string, Instance>; readonly previous: ReadonlyMap<string, string> } {
  let byAddress = before.byAddress;
  const previous = new Map<string, string>();
  for (const block of blocksOf(head, "moved")) {
    const [from, to] = [addressIn(block.from), addressIn(block.to)];
    const renamed = new Map<string, Instance>();
    for (const [address, instance] of byAddress) {
      const target = rebased(address, from, to);
      const isFree = target !== undefined && !byAddress.has(target);
      if (isFree) {
        previous.set(target, previous.get(address) ?? address);
        previous.delete(address);
      }
      renamed.set(isFree ? target : address, referringTo(instance, from, to));
    }
    byAddress = renamed;
  }
  return { byAddress, previous };
}

/** An object whose references name the new address. */
function referringTo(instance: Instance, from: string, to: string): Instance {
  const pattern = new RegExp(`(?<![\\w.-])${from.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "g");
  const renamed = (value: unknown): unknown => {
    if (typeof value === "string") {
      return value.includes("${") ? value.replace(pattern, to) : value;
    }
    if (Array.isArray(value)) {
      return value.map(renamed);
    }
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, renamed(inner)]))
      : value;
  };
  return {
    ...instance,
    arguments: renamed(instance.arguments) as Block,
    unresolved: instance.unresolved.map((place) => ({ ...place, text: place.text.replace(pattern, to) })),
  };
}

/** Ids of objects that `import` blocks take into the state, by address. */
export function imported(head: SynthStack): ReadonlyMap<string, string> {
  return new Map(
    blocksOf(head, "import").flatMap(({ to, id }) => (typeof id === "string" ? [[addressIn(to), id] as const] : [])),
  );
}

/** Whether a `removed` block keeps an object in Azure that is no longer in the configuration. */
export function isForgotten(head: SynthStack, address: string): boolean {
  return blocksOf(head, "removed").some(({ from, lifecycle }) => {
    const settings: unknown = Array.isArray(lifecycle) ? lifecycle[0] : lifecycle;
    return rebased(address, addressIn(from), "") !== undefined && isObject(settings) && settings.destroy === false;
  });
}
