import { isObject } from "../../json-values";

/** A value that only Terraform can work out, as it is written. */
export class Unresolved {
  public constructor(
    /** The expression with what is known put in, `${iothub_device.Devices["press"].id}`. */
    public readonly text: string,
    /** What is known of the values it is made of, to tell whether they are the same elsewhere. */
    public readonly parts: string,
  ) {}
}

/** Stands for a value that cannot be known while an expression is worked out. */
export const UNKNOWN = Symbol("unknown");

/** Whether nothing in a value is left to Terraform. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN || value instanceof Unresolved) {
    return false;
  }
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}

/** A value with its unresolved parts as text. */
export function plain(value: unknown): unknown {
  if (value instanceof Unresolved) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value;
}
