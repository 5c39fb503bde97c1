/** The syntax tree of the part of the Stream Analytics query language that this package evaluates. */

export const CAST_TYPES = ["bigint", "float", "nvarchar(max)", "datetime", "bit"] as const;
export type CastType = (typeof CAST_TYPES)[number];

export const AGGREGATES = ["avg", "count", "max", "min", "sum"] as const;
export type AggregateName = (typeof AGGREGATES)[number];

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** A call of one of the two anomaly functions with its `OVER` clause. */
export interface AnomalyCall {
  readonly kind: "anomaly";
  readonly form: "spikeAndDip" | "changePoint";
  readonly value: Expression;
  /** Percent, 1 to 100. */
  readonly confidence: number;
  /** Events in the window. */
  readonly historySize: number;
  /** `spikeAndDip` only. */
  readonly mode: "spikes" | "dips" | "spikesanddips";
  /** Length of the window, in milliseconds. */
  readonly durationMs: number;
  /** Events for which it does not hold are not given to the function. */
  readonly when?: Expression;
}

/** A look at an earlier event of the same select. */
export interface LagCall {
  readonly kind: "lag";
  readonly value: Expression;
  /** How many events back, 1 or more. */
  readonly offset: number;
  /** What stands for an event that is not there. @default - NULL */
  readonly otherwise?: Expression;
  /** How far back it looks, in milliseconds. */
  readonly durationMs: number;
  /** Events for which it does not hold are passed over. */
  readonly when?: Expression;
}

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | null }
  | { readonly kind: "path"; readonly names: readonly string[] }
  | { readonly kind: "timestamp" }
  | { readonly kind: "property"; readonly record: Expression; readonly name: string }
  | { readonly kind: "cast"; readonly value: Expression; readonly type: CastType; readonly mayFail: boolean }
  | { readonly kind: "coalesce"; readonly values: readonly Expression[] }
  | {
      readonly kind: "compare";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly value: Expression }
  | { readonly kind: "isNull"; readonly value: Expression; readonly negated: boolean }
  | { readonly kind: "aggregate"; readonly name: AggregateName; readonly value?: Expression }
  | AnomalyCall
  | LagCall;

export interface Column {
  readonly name: string;
  readonly value: Expression;
}

/** A tumbling window is a hopping window that hops by its own length. */
export interface Window {
  readonly lengthMs: number;
  readonly hopMs: number;
}

export interface Select {
  /** `*` stands for every property of the record. */
  readonly columns: readonly (Column | "*")[];
  readonly into?: string;
  readonly from: string;
  readonly timestampBy?: Expression;
  readonly where?: Expression;
  readonly window?: Window;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
}

/** One named step of a `WITH` clause: the rows of all its selects. */
export interface Step {
  readonly name: string;
  readonly union: readonly Select[];
}

export interface Query {
  readonly steps: readonly Step[];
  /** Selects with an `INTO`. */
  readonly outputs: readonly Select[];
}
