import type { CheckResult } from "../plan/plan";
import type { Check } from "../report/report";
import { wholeOf } from "../plan/sensitive";
import { SensitiveTexts } from "../plan/sensitive-texts";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";
import { isObject, property } from "../json-values";

/** Problems of one check that are told, and characters of each. */
const MAX_PROBLEMS = 10;
const MAX_TEXT = 400;

/** A check that did not pass, each instance by itself where it says more; nothing for one that passed. */
export function checksOf(source: string, { address, status, instances }: CheckResult): Check[] {
  if (status === "pass") {
    return [];
  }
  const { clean } = new SensitiveTexts(wholeOf(undefined));
  const shown = (text: string): string => visible(shortened(clean(text), MAX_TEXT));
  const nameOf = (value: unknown): string => {
    const name = property(value, "to_display");
    return typeof name === "string" ? shown(name) : "a check without a name";
  };
  const all: readonly unknown[] = Array.isArray(instances) ? (instances as readonly unknown[]) : [];
  const failed = all.filter((one) => isObject(one) && typeof one.status === "string" && one.status !== "pass");
  if (failed.length === 0) {
    return [{ source, address: nameOf(address), status: shown(status), problems: [] }];
  }
  return failed.map((one) => {
    const problems = property(one, "problems");
    const messages = (Array.isArray(problems) ? (problems as readonly unknown[]) : [])
      .map((problem) => property(problem, "message"))
      .filter((message) => typeof message === "string");
    const own = property(one, "address");
    return {
      source,
      address: isObject(own) && typeof own.to_display === "string" ? nameOf(own) : nameOf(address),
      status: shown(String(property(one, "status"))),
      problems: messages.slice(0, MAX_PROBLEMS).map(shown),
    };
  });
}
