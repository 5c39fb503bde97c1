import { isObject } from "@edge-anomaly-detection/common";
import type { ProposedChange } from "@edge-anomaly-detection/github";

/** A change that a pull request proposes, or why there is none. */
export type Promotion =
  | ({ readonly promote: true } & ProposedChange)
  | { readonly promote: false; readonly branch: string; readonly reason: string };

/** Names that a promotion's branch and file may have: another job wrote them. */
const BRANCH = /^promote\/[a-z][a-z0-9-]{0,31}-[a-z0-9][a-z0-9.-]{0,31}$/;
const PATH = /^environments\/[a-z][a-z0-9-]*\.ts$/;

/** A promotion as text has it; undefined where it is none, or names what no promotion changes. */
export function readPromotion(text: string): Promotion | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !fits(value.branch, BRANCH)) {
    return undefined;
  }
  const keys = value.promote === true ? ["before", "after", "title", "body"] : ["reason"];
  if (!keys.every((key) => typeof value[key] === "string")) {
    return undefined;
  }
  const isKnown =
    value.promote === false || (value.promote === true && value.base === "main" && fits(value.path, PATH));
  return isKnown ? (value as unknown as Promotion) : undefined;
}

const fits = (value: unknown, form: RegExp): boolean => typeof value === "string" && form.test(value);
