import type { Expectations } from "../expectations";
import type { Facts, Source } from "../facts";
import type { Found, Level } from "../finding";

/** What of an environment's life a check is about. */
export type Phase = "before" | "after";

/** One thing that must hold. */
export interface Check {
  /** Lower-case words with hyphens; stands in reports and in docs/doctor.md. */
  readonly id: string;
  /** How bad it is where it does not hold. */
  readonly level: Level;
  readonly phases: readonly Phase[];
  /** Facts that it is judged by; none where the configuration alone says it. */
  readonly needs: readonly Source[];
  /** What must hold. */
  readonly holds: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** The page that helps. */
  readonly page: string;
  readonly find: (facts: Facts, expected: Expectations, now: Date) => readonly Found[];
}

/** A check as it is written down: it sees the facts that it needs, and no others. */
export interface CheckOf<Name extends Source> extends Omit<Check, "needs" | "find"> {
  readonly needs: readonly Name[];
  readonly find: (facts: Pick<Facts, Name>, expected: Expectations, now: Date) => readonly Found[];
}

/** The check with its facts' names forgotten, so that all stand in one table. */
export const check = <Name extends Source>(written: CheckOf<Name>): Check => written;

/** Things that are named one by one; more are one finding. */
const NAMED = 5;

/** One finding each for a few, one for all of them for many. */
export function each<T>(
  items: readonly T[],
  one: (item: T) => Found,
  many: (count: string, first: readonly T[]) => Found,
  isCut = false,
): readonly Found[] {
  return items.length <= NAMED
    ? items.map(one)
    : [many(`${isCut ? "at least " : ""}${items.length}`, items.slice(0, NAMED))];
}

const DAY_MS = 86_400_000;
/** Days before its end at which something is worth a word. */
const WARNED_DAYS = 30;

/** What ends soon or has ended, in words; undefined where there is time. */
export function endOf(
  end: string | undefined,
  now: Date,
): { readonly what: string; readonly level: Level } | undefined {
  if (end === undefined) {
    return undefined;
  }
  const days = (Date.parse(end) - now.getTime()) / DAY_MS;
  if (days >= WARNED_DAYS) {
    return undefined;
  }
  const day = end.slice(0, 10);
  return days <= 0
    ? { what: `ended on ${day}`, level: "broken" }
    : { what: `ends on ${day}, in ${Math.floor(days)} days`, level: "finding" };
}

/** Some names in a sentence. */
export const names = (items: readonly string[]): string => items.join(", ");

/** The earliest of some times. */
export const earliest = (times: readonly (string | undefined)[]): string | undefined =>
  times
    .filter((one) => one !== undefined)
    .sort()
    .at(0);

/** `since`, where it is known. */
export const since = (time: string | undefined): { readonly since?: string } =>
  time === undefined ? {} : { since: time };

/** Minutes from one time to another; infinite where the first is not known. */
export const minutes = (from: string | undefined, to: Date): number =>
  from === undefined ? Infinity : (to.getTime() - Date.parse(from)) / 60_000;
