import { areAtLeast } from "../expectation";
import type { Rule } from "../rule";

export const logRetention: Rule = {
  id: "log-retention",
  level: "error",
  what: "Log Analytics keeps logs for as long as the environment asks.",
  why: "Questions about an incident go further back than the day on which it is found.",
  checkov: [],
  psrule: [],
  kinds: ["azurerm_log_analytics_workspace"],
  check: (subject, { minimumLogRetentionDays: minimum }) =>
    areAtLeast(subject, [
      {
        path: "retention_in_days",
        minimum,
        // What Azure keeps of the tier PerGB2018.
        absent: 30,
        unit: "days",
        remedy: "choose more days, or change minimumLogRetentionDays in the environment's policy",
      },
    ]),
};
