import type { Level, RiskKind } from "../../report/report";

/** One argument, or several of the same meaning, that opens something or removes a protection. */
export interface Switch {
  /** Last names of paths, in snake case. */
  readonly names: readonly string[];
  /** Types that have it, where the name alone does not say enough. @default - all types */
  readonly types?: RegExp;
  /** Whether a value opens or weakens. */
  readonly isWeak: (value: unknown) => boolean;
  readonly kind: Extract<RiskKind, "access" | "protection">;
  /** Level of a new object with a weak value; nothing where many have it, because it is the provider's default. */
  readonly created?: Exclude<Level, "change">;
  /** Level where a value becomes weak. @default "danger" */
  readonly updated?: Exclude<Level, "change">;
  /** Whether a value that is no longer set is weak. @default false */
  readonly weakUnset?: boolean;
  /** What it means, before the path. */
  readonly text: string;
}

/** Whether a value switches on what its argument is named after. */
export const isTrue = (value: unknown): boolean => value === true || value === "true" || value === "Enabled";
/** Whether a value switches it off. */
export const isFalse = (value: unknown): boolean => value === false || value === "false" || value === "Disabled";
/** Whether a value is one of these words, in lower case. */
export const isOneOf =
  (...weak: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && weak.includes(value.toLowerCase());
