import type { Level } from "../report/report";
import type { Facts } from "./facts";

/** Something that became less: a time for which something is kept, a version of TLS. */
export interface Lowered {
  readonly level: Exclude<Level, "change">;
  readonly text: string;
}

const TLS = /(^|_)(min(imum|imal)?_)?(tls|ssl)(_minimal)?(_tls)?(_policy_min)?_version(_enforced)?$/;

const RETENTION =
  /(retention|soft_delete|recovery_window|deletion_window|immutability_period|earliest_restore|backup_retained)/;

/** Ends of a path within a retention that say how much: `retention_daily.count`, `delete_retention_policy.days`. */
const AMOUNT =
  /(^|_)(days|day|hours|minutes|weeks|months|years|count|period|duration|retention|window|weekly|monthly|yearly|daily)(_|$)/;

/** Where 0 is for ever. */
const ZERO_IS_FOREVER = /(^|\.)retention_policy\.days$|^retention_in_days$/;

/** Whether a path says how long something is kept, or which TLS is accepted. */
export function mayBeLowered(path: string): boolean {
  const last = path.slice(path.lastIndexOf(".") + 1);
  return TLS.test(last) || (RETENTION.test(path) && AMOUNT.test(last));
}

/** What became less of a path, or is too little in a new object; nothing for most. */
export function lowered(type: string, path: string, before: Facts, after: Facts, isNew: boolean): Lowered | undefined {
  const last = path.slice(path.lastIndexOf(".") + 1);
  if (TLS.test(last)) {
    return loweredTls(path, before, after, isNew);
  }
  if (isNew || !RETENTION.test(path) || !AMOUNT.test(last)) {
    return undefined;
  }
  const isForever = ZERO_IS_FOREVER.test(path) && (path.includes(".") || type.startsWith("aws_"));
  const [old, next] = [before, after].map((facts) => amounts(facts.get(path) ?? [], isForever));
  if (old === undefined || next === undefined || old.length === 0) {
    return undefined;
  }
  if (next.length === 0) {
    return after.has(path)
      ? undefined
      : { level: "caution", text: `How long something is kept is no longer set: ${path}.` };
  }
  const isShorter =
    old.length === next.length
      ? next.some((amount, index) => amount < (old[index] ?? 0))
      : Math.min(...next) < Math.min(...old);
  return isShorter
    ? {
        level: "danger",
        text: `What is older is deleted: ${path} is shortened from ${told(before, path)} to ${told(after, path)}.`,
      }
    : undefined;
}

const told = (facts: Facts, path: string): string =>
  (facts.get(path) ?? [])
    .slice(0, 3)
    .map((value) => String(value).slice(0, 20))
    .join(", ");

function amounts(values: readonly unknown[], isZeroForever: boolean): number[] {
  return values
    .map(amountOf)
    .filter((amount) => amount !== undefined && amount >= 0)
    .map((amount) => (amount === 0 && isZeroForever ? Infinity : (amount ?? 0)))
    .sort((a, b) => a - b);
}

const UNIT_DAYS: Readonly<Record<string, number>> = { Y: 365, M: 30, W: 7, D: 1 };

/** A number, or days of an ISO 8601 duration. */
function amountOf(value: unknown): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  if (typeof value !== "string" || value.length > 40) {
    return undefined;
  }
  if (/^\d+(\.\d+)?s?$/.test(value)) {
    return Number.parseFloat(value);
  }
  const parts = /^P((?:\d+[YMWD])*)(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(value);
  if (parts === null) {
    return undefined;
  }
  const [, days = "", hours = 0, minutes = 0, seconds = 0] = parts;
  const whole = [...days.matchAll(/(\d+)([YMWD])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNIT_DAYS[unit ?? "D"] ?? 1),
    0,
  );
  return whole + Number(hours) / 24 + Number(minutes) / 1_440 + Number(seconds) / 86_400;
}

function loweredTls(path: string, before: Facts, after: Facts, isNew: boolean): Lowered | undefined {
  const [old, next] = [before, after].map((facts) =>
    (facts.get(path) ?? []).map(tlsVersion).filter((one) => one !== undefined),
  );
  if (old !== undefined && old.length > 0 && !after.has(path)) {
    return { level: "caution", text: `Which TLS is accepted is no longer set: ${path}.` };
  }
  const lowest = Math.min(...(next ?? []));
  if (next === undefined || old === undefined || next.length === 0) {
    return undefined;
  }
  if (isNew || old.length === 0) {
    return lowest < 1.2
      ? { level: "caution", text: `Connections with TLS older than 1.2 are accepted: ${path}.` }
      : undefined;
  }
  return lowest < Math.min(...old)
    ? {
        level: "danger",
        text: `Connections with an older TLS are accepted: ${path} is lowered from ${told(before, path)} to ${told(after, path)}.`,
      }
    : undefined;
}

/** `1.2`, `TLS1_2`, `TLSv1.2_2021`, `Tls12`; 0 where none is asked for. */
function tlsVersion(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.toLowerCase() : "";
  const digits = /^(?:(?:tls|ssl)v?[_-]?)?(\d)[._]?(\d)?/.exec(text);
  if (digits === null) {
    return /disabled|none/.test(text) ? 0 : undefined;
  }
  return Number(`${digits[1] ?? "0"}.${digits[2] ?? "0"}`);
}
