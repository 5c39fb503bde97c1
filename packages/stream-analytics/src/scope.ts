import { type Value } from "./values";

/** What an expression is evaluated over: one record, or a window's rows. */
export interface Scope {
  readonly record: Value;
  /** Milliseconds since 1970: `System.Timestamp()`. */
  readonly time: number;
  /** All rows of a group, where there is a window. */
  readonly rows?: readonly { readonly record: Value; readonly time: number }[];
}

export type Evaluate = (scope: Scope) => Value;

/** Whether a condition holds; unknown does not. */
export function holds(condition: Evaluate | undefined, scope: Scope): boolean {
  return condition === undefined || truthOf(condition(scope)) === true;
}

export const truthOf = (value: Value): boolean | null => (value === null ? null : value === true || value === 1);
