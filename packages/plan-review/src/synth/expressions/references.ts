/** `each` of one instance. */
export interface Each {
  readonly key: string;
  readonly value: unknown;
}

/** What an expression can refer to. */
export interface References {
  /** Evaluates the expressions inside a value. */
  readonly resolve: (value: unknown, each?: Each) => unknown;
  /** The value of a local or of an argument of a resource. */
  readonly named: (kind: "local" | "resource", path: readonly string[]) => unknown;
}
