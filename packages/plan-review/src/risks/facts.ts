import { isObject, jsonIn, property } from "../json-values";

/** Leaves of an object by path in snake case and without indices: `network_rules.default_action`. */
export type Facts = ReadonlyMap<string, readonly unknown[]>;

/** Leaves of one object, and levels, that are looked at. */
const MAX_LEAVES = 5_000;
const MAX_DEPTH = 24;

/** Answers that are remembered: a plan has few different names and paths, but may have any. */
const MAX_REMEMBERED = 20_000;

/** A question about a text whose answers are remembered. */
export function remembered<T>(ask: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) {
      return known;
    }
    const answer = ask(text);
    if (answers.size < MAX_REMEMBERED && text.length < 400) {
      answers.set(text, answer);
    }
    return answer;
  };
}

/** A name of ARM as azurerm would write it: `publicNetworkAccess` is `public_network_access`. */
export const snake = remembered((name) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase());

/** The leaves of a value; JSON in text is opened where it is the body of an ARM request. */
export function factsOf(value: unknown): Facts {
  const facts = new Map<string, unknown[]>();
  let left = MAX_LEAVES;
  const visit = (inner: unknown, path: string, depth: number): void => {
    if (left <= 0 || depth > MAX_DEPTH || inner === null || inner === undefined) {
      return;
    }
    if (Array.isArray(inner)) {
      inner.forEach((item) => {
        visit(item, path, depth + 1);
      });
    } else if (isObject(inner)) {
      for (const [name, item] of Object.entries(inner)) {
        const open = name === "body" && depth === 0 ? (jsonIn(item) ?? item) : item;
        visit(open, path === "" ? snake(name) : `${path}.${snake(name)}`, depth + 1);
      }
    } else {
      left -= 1;
      const others = facts.get(path);
      if (others === undefined) {
        facts.set(path, [inner]);
      } else {
        others.push(inner);
      }
    }
  };
  visit(value, "", 0);
  return facts;
}

/** Texts of several properties at the top of an object, those of lists too. */
export function textsAt(value: unknown, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const inner = property(value, name);
    const all: readonly unknown[] = Array.isArray(inner) ? (inner as readonly unknown[]) : [inner];
    return all.filter((one) => typeof one === "string" || typeof one === "number").map(String);
  });
}

/** Blocks of a name, whether they stand in a list or alone. */
export function blocksAt(value: unknown, name: string): readonly unknown[] {
  const inner = property(value, name);
  return Array.isArray(inner) ? (inner as readonly unknown[]) : isObject(inner) ? [inner] : [];
}
