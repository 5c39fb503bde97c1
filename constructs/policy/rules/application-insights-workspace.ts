import { COMPLIANT, type Rule, verdictOf } from "../rule";

export const applicationInsightsWorkspace: Rule = {
  id: "application-insights-workspace",
  level: "error",
  what: "Application Insights keeps its data in a Log Analytics workspace.",
  why: "Azure retired components with a store of their own in 2024.",
  checkov: [],
  psrule: ["Azure.AppInsights.Workspace"],
  kinds: ["azurerm_application_insights"],
  check: (subject) => {
    // Usually a reference: that there is one is all that matters.
    const value = subject.text("workspace_id");
    return value === undefined
      ? verdictOf([
          {
            path: "workspace_id",
            value,
            allowed: "the id of a Log Analytics workspace",
            remedy: "name the environment's workspace",
          },
        ])
      : COMPLIANT;
  },
};
