/** Operators between two operands, as they are written. */
export type BinaryOperator =
  "*" | "/" | "%" | "+" | "-" | "||" | "<" | "<=" | ">" | ">=" | "=" | "!=" | "<>" | "AND" | "OR" | "??";

/** A condition; `offset` is where the node's own token starts in the route's text. */
export type Expression =
  | { readonly kind: "boolean"; readonly value: boolean; readonly offset: number }
  | { readonly kind: "number"; readonly value: number; readonly offset: number }
  | { readonly kind: "string"; readonly value: string; readonly offset: number }
  | { readonly kind: "null" | "undefined"; readonly offset: number }
  /** An application property. */
  | { readonly kind: "property"; readonly name: string; readonly offset: number }
  /** `$name`: an application property of that name, else a system property; in braces the system property alone. */
  | { readonly kind: "systemProperty"; readonly name: string; readonly isEscaped: boolean; readonly offset: number }
  /** `$body.path`: an application property of that name, else a value of the JSON body; in braces the body alone. */
  | { readonly kind: "body"; readonly path: string; readonly isEscaped: boolean; readonly offset: number }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly offset: number;
    }
  | { readonly kind: "not" | "negate"; readonly operand: Expression; readonly offset: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    };

/** Where a route reads. */
export interface RouteSource {
  /** As the runtime puts it together: without blanks and comments. */
  readonly text: string;
  readonly offset: number;
  /** The module that it names. @default - none: all modules and devices, or none of them */
  readonly module?: string;
  /** The output that it names. @default - every output */
  readonly output?: string;
  /**
   * What it can match: telemetry of modules and devices, of modules alone, twin changes, everything, or nothing at all,
   * because the runtime has no message with such a source.
   */
  readonly reads: "everything" | "messages" | "modules" | "module" | "twinChanges" | "nothing";
}

/** Where a route leads. */
export type RouteEndpoint =
  | { readonly kind: "upstream"; readonly offset: number }
  | { readonly kind: "module"; readonly module: string; readonly input: string; readonly offset: number };

export interface Route {
  readonly source: RouteSource;
  /** @default - every message */
  readonly condition?: Expression;
  readonly endpoint: RouteEndpoint;
  /** Where text after the endpoint starts, which the runtime does not read. @default - there is none */
  readonly ignoredFrom?: number;
}

/** A route that the runtime refuses, and with it the whole configuration of the hub. */
export class RouteSyntaxError extends Error {
  /**
   * @param reason what is wrong, one line
   * @param offset where, in UTF-16 code units of the route's text
   * @param remedy what would be right
   */
  public constructor(
    public readonly reason: string,
    public readonly offset: number,
    public readonly remedy = "write for example FROM /messages/modules/a/outputs/b WHERE c = 'd' INTO $upstream",
  ) {
    super(`${reason} at character ${offset + 1}`);
    this.name = "RouteSyntaxError";
  }
}
