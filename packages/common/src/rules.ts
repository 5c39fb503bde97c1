import { Token } from "cdktf";
import { type Finding, problemIf } from "./validation";

/** A value that Terraform fills in at apply cannot be judged at synth. */
const isLater = (value: unknown): boolean => Token.isUnresolved(value);

/** `value` is one of a closed set. Left out (`undefined`) passes: the default is in the set. */
export function oneOf<T extends string>(
  path: string,
  value: T | undefined,
  allowed: readonly T[],
  remedy: string,
): Finding {
  const broken = value !== undefined && !isLater(value) && !allowed.includes(value);
  return problemIf(broken, path, value, allowed.join(", ") || "nothing yet: there is none to choose from", remedy);
}

/** A range of numbers and what they count. */
export interface NumberRange {
  /** The smallest that is allowed. */
  readonly min: number;
  /** The largest that is allowed. */
  readonly max: number;
  /** What is counted, in the plural: `days`, `partitions`. */
  readonly unit: string;
  /** Refuse fractions. @default true */
  readonly whole?: boolean;
}

/** `value` is a number within the range, both ends included. Left out (`undefined`) passes. */
export function inRange(path: string, value: number | undefined, range: NumberRange, remedy: string): Finding {
  if (value === undefined || isLater(value)) {
    return undefined;
  }
  const whole = range.whole ?? true;
  const inside = value >= range.min && value <= range.max && (!whole || Number.isInteger(value));
  const kind = whole ? "whole number" : "number";
  return problemIf(!inside, path, value, `a ${kind} of ${range.unit} from ${range.min} to ${range.max}`, remedy);
}

/** `value` has the form, a regular expression or another test. Left out (`undefined`) passes. */
export function hasForm(
  path: string,
  value: string | undefined,
  form: { test(text: string): boolean },
  allowed: string,
  remedy: string,
): Finding {
  const broken = value !== undefined && !isLater(value) && !form.test(value);
  return problemIf(broken, path, value, allowed, remedy);
}
