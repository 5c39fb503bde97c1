import { changeOf } from "../diff/change-of";
import { plain } from "./expressions/unresolved";
import type { Change } from "../report/report";
import { namesOf, type Side } from "./settings";
import { isObject, same } from "../json-values";

/** Locals that differ without any difference in what uses them: what that comes to only Terraform knows. */
export function localChanges(source: string, before: Side, after: Side, changes: readonly Change[]): Change[] {
  const [old, next] = [localsOf(before), localsOf(after)];
  const differing = namesOf(old, next).filter((name) => !same(old[name], next[name]));
  const shown = JSON.stringify(changes.map(({ address }) => address));
  return differing
    .filter((name) => old[name] !== undefined && next[name] !== undefined)
    .filter((name) => !usersOf(name, after).some((address) => shown.includes(JSON.stringify(address).slice(1, -1))))
    .flatMap((name) => {
      const change = changeOf(source, {
        address: `local.${name}`,
        type: "local",
        change: { actions: ["update"], before: old[name], after: next[name] },
      });
      return change ?? [];
    });
}

function localsOf({ stack, resolver }: Side): Readonly<Record<string, unknown>> {
  const locals = isObject(stack.json.locals) ? stack.json.locals : {};
  return Object.fromEntries(Object.entries(locals).map(([name, value]) => [name, plain(resolver.resolve(value))]));
}

/** Addresses of what uses a local, by itself or through another local. */
function usersOf(name: string, side: Side, seen: ReadonlySet<string> = new Set()): string[] {
  const { stack } = side;
  const uses = (value: unknown): boolean => new RegExp(`\\blocal\\.${name}(?![\\w-])`).test(JSON.stringify(value));
  const entries = (kind: string): [string, unknown][] =>
    Object.entries(isObject(stack.json[kind]) ? (stack.json[kind] as object) : {});
  const resources = entries("resource").flatMap(([type, blocks]) =>
    Object.entries(isObject(blocks) ? blocks : {})
      .filter(([, block]) => uses(block))
      .map(([id]) => `${type}.${id}`),
  );
  const others = entries("locals")
    .filter(([other, value]) => other !== name && !seen.has(other) && uses(value))
    .flatMap(([other]) => usersOf(other, side, new Set([...seen, name])));
  return [
    ...resources,
    ...others,
    ...entries("provider")
      .filter(([, block]) => uses(block))
      .map(([id]) => `provider.${id}`),
    ...entries("output")
      .filter(([, block]) => uses(block))
      .map(([id]) => `output.${id}`),
  ];
}
