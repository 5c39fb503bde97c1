import { isObject, property } from "../../json-values";
import { Evaluator } from "./evaluator";
import type { Each, References } from "./references";
import { type Piece, piecesOf } from "./template";
import { UNKNOWN, Unresolved } from "./unresolved";

/** What expressions can refer to. */
export interface Scope {
  readonly locals: Readonly<Record<string, unknown>>;
  /** Arguments of resources by type and name; those with several instances are left out. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Works out what can be known of a configuration without state: locals, `each`, arguments of other resources, and the few
 * functions that our stacks use. Whatever else an expression needs makes it an {@link Unresolved}.
 */
export class Resolver implements References {
  private readonly known = new Map<string, unknown>();
  private readonly underway = new Set<string>();

  public constructor(private readonly scope: Scope) {}

  /** A value with its expressions worked out as far as they can be. */
  public resolve(value: unknown, each?: Each): unknown {
    if (typeof value === "string") {
      return this.template(value, each);
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown) => this.resolve(item, each));
    }
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.resolve(inner, each)]))
      : value;
  }

  /** What a local or an argument of a resource comes to, each worked out once. */
  public named(kind: "local" | "resource", path: readonly string[]): unknown {
    const key = path.join(".");
    if (this.known.has(key)) {
      return this.known.get(key);
    }
    const value =
      kind === "local"
        ? property(this.scope.locals, path[1] ?? "")
        : property(property(property(this.scope.resources, path[0] ?? ""), path[1] ?? ""), path[2] ?? "");
    if (value === undefined || this.underway.has(key)) {
      return UNKNOWN;
    }
    this.underway.add(key);
    const resolved = this.resolve(value);
    this.underway.delete(key);
    this.known.set(key, resolved);
    return resolved;
  }

  private template(text: string, each: Each | undefined): unknown {
    if (!text.includes("{")) {
      return text;
    }
    const pieces = piecesOf(text);
    if (pieces.length === 1 && typeof pieces[0] === "object") {
      return this.expression(pieces[0].expression, each);
    }
    const values = pieces.map((piece) => (typeof piece === "string" ? piece : this.expression(piece.expression, each)));
    if (values.every((value) => !(value instanceof Unresolved) && typeof value !== "object")) {
      return values.map(String).join("");
    }
    return new Unresolved(
      values.map((value, index) => inTemplate(value, pieces[index] ?? "")).join(""),
      values.map((value) => (value instanceof Unresolved ? value.parts : "")).join("|"),
    );
  }

  private expression(text: string, each: Each | undefined): unknown {
    const evaluator = new Evaluator(text, this, each);
    let value: unknown;
    try {
      value = evaluator.whole();
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      value = UNKNOWN;
      evaluator.noteLocals();
    }
    return value === UNKNOWN ? new Unresolved(`\${${withEach(text, each)}}`, evaluator.parts()) : value;
  }
}

function inTemplate(value: unknown, piece: Piece): string {
  if (value instanceof Unresolved) {
    return value.text;
  }
  return typeof value === "object" && typeof piece === "object" ? `\${${piece.expression}}` : String(value);
}

/** An expression with the key and the plain values of `each` put in. */
function withEach(text: string, each: Each | undefined): string {
  if (each === undefined) {
    return text;
  }
  return text.replaceAll(/\beach\.(key|value((?:\.\w+)*))/g, (all, _what, path: string | undefined) => {
    const names = (path ?? "").split(".").filter((name) => name !== "");
    const value = path === undefined ? each.key : names.reduce(property, each.value);
    return typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : all;
  });
}
