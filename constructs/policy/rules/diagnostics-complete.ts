import type { Problem } from "@edge-anomaly-detection/common";
import { knownLater, type Rule, verdictOf } from "../rule";
import { LATER } from "../written-element";

const DESTINATIONS = [
  "eventhub_authorization_rule_id",
  "log_analytics_workspace_id",
  "partner_solution_id",
  "storage_account_id",
];
const CATEGORIES = ["enabled_log", "enabled_metric"];

export const diagnosticsComplete: Rule = {
  id: "diagnostics-complete",
  level: "error",
  what: "Every diagnostic setting sends at least one category to at least one place, and names metrics by enabled_metric.",
  why: "A setting without category or place records nothing; azurerm 5 takes no metric blocks any more.",
  checkov: [],
  psrule: [],
  kinds: ["azurerm_monitor_diagnostic_setting"],
  check: (subject) => {
    const counts = CATEGORIES.map((name) => subject.count(name));
    const deprecated = subject.count("metric");
    if (counts.every((count) => count === LATER || count === 0) && counts.includes(LATER)) {
      return knownLater(CATEGORIES.join(" or "));
    }
    const problems: readonly (Problem | false)[] = [
      DESTINATIONS.every((name) => subject.text(name) === undefined) && {
        path: "destination",
        value: undefined,
        allowed: `at least one of ${DESTINATIONS.join(", ")}`,
        remedy: "send it to the environment's Log Analytics workspace",
      },
      counts.every((count) => count === 0) && {
        path: "category",
        value: undefined,
        allowed: `at least one ${CATEGORIES.join(" or ")}`,
        remedy: "name the categories to send",
      },
      deprecated !== 0 && {
        path: "metric",
        value: deprecated === LATER ? "dynamic" : deprecated,
        allowed: "no block metric",
        remedy: "write enabled_metric instead",
      },
    ];
    return verdictOf(problems.filter((problem) => problem !== false));
  },
};
