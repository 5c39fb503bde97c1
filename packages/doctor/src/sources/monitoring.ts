import { SCOPES } from "../endpoints";
import { at, list, number, requiredList, requiredText, text, time } from "../json";
import { arm, groupPath, metricsOf, resourcePath, subscriptionPath } from "./arm";
import type { Around } from "./around";

/** A rule that alerts people. */
export interface AlertRule {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Metric that it watches, with its condition; undefined for questions to the logs. */
  readonly metric: string | undefined;
  readonly operator: string | undefined;
  readonly threshold: number | undefined;
  /** Names of the resources that it watches. */
  readonly scopes: readonly string[];
  /** Action groups that it tells, by their ids. */
  readonly tells: readonly string[];
}

/** Alert rules of the group. */
export async function alertRules(around: Around): Promise<readonly AlertRule[]> {
  const base = `${groupPath(around)}/providers/Microsoft.Insights`;
  const [metric, log] = await Promise.all([
    around.http.pages(arm(around, `${base}/metricAlerts`, "2018-03-01")),
    around.http.pages(arm(around, `${base}/scheduledQueryRules`, "2022-06-15")),
  ]);
  const ruleOf = (rule: unknown, criterion: unknown, tells: readonly unknown[]): AlertRule => ({
    name: text(rule, "name") ?? "",
    isEnabled: at(rule, "properties", "enabled") !== false,
    metric: text(criterion, "metricName"),
    operator: text(criterion, "operator"),
    threshold: number(criterion, "threshold"),
    scopes: list(rule, "properties", "scopes").flatMap((id) =>
      typeof id === "string" ? (id.split("/").at(-1) ?? []) : [],
    ),
    tells: tells.filter((id) => typeof id === "string"),
  });
  return [
    ...(metric ?? []).map((rule) =>
      ruleOf(
        rule,
        at(rule, "properties", "criteria", "allOf", 0),
        list(rule, "properties", "actions").map((action) => text(action, "actionGroupId")),
      ),
    ),
    ...(log ?? []).map((rule) =>
      ruleOf(rule, at(rule, "properties", "criteria", "allOf", 0), list(rule, "properties", "actions", "actionGroups")),
    ),
  ];
}

/** An alert that fired within the last week. */
export interface FiredAlert {
  readonly rule: string;
  readonly since: string | undefined;
  readonly isOpen: boolean;
}

/** Alerts of the group within the last week (Microsoft.AlertsManagement). */
export async function firedAlerts(around: Around): Promise<readonly FiredAlert[]> {
  const path = `${subscriptionPath(around)}/providers/Microsoft.AlertsManagement/alerts`;
  const request = arm(around, path, "2019-05-05-preview", {
    targetResourceGroup: around.expected.resourceGroup,
    timeRange: "7d",
  });
  return ((await around.http.pages(request)) ?? []).map((alert) => ({
    rule: (text(alert, "properties", "essentials", "alertRule") ?? "").split("/").at(-1) ?? "",
    since: time(alert, "properties", "essentials", "startDateTime"),
    isOpen: text(alert, "properties", "essentials", "monitorCondition") === "Fired",
  }));
}

/** Who is told. */
export interface ActionGroup {
  readonly isEnabled: boolean;
  readonly receivers: readonly { readonly name: string; readonly isEnabled: boolean }[];
}

/** The action group; undefined where there is none. */
export async function actionGroup(around: Around): Promise<ActionGroup | undefined> {
  const path = resourcePath(around, "Microsoft.Insights/actionGroups", around.expected.alerts.actionGroup);
  const answer = await around.http.find(arm(around, path, "2023-01-01"));
  return answer === undefined
    ? undefined
    : {
        isEnabled: at(answer.body, "properties", "enabled") !== false,
        receivers: list(answer.body, "properties", "emailReceivers").map((one) => ({
          name: text(one, "name") ?? "",
          isEnabled: text(one, "status") !== "Disabled",
        })),
      };
}

/** What this month costs, in the billing currency. */
export interface Budget {
  readonly amount: number;
  readonly spent: number;
  readonly forecast: number | undefined;
  readonly unit: string;
}

/** The budget; undefined where there is none. */
export async function budget(around: Around): Promise<Budget | undefined> {
  const path = resourcePath(around, "Microsoft.Consumption/budgets", around.expected.budget.name);
  const answer = await around.http.find(arm(around, path, "2023-05-01"));
  const properties = at(answer?.body, "properties");
  const amount = number(properties, "amount");
  return amount === undefined
    ? undefined
    : {
        amount,
        spent: number(properties, "currentSpend", "amount") ?? 0,
        forecast: number(properties, "forecastSpend", "amount"),
        unit: text(properties, "currentSpend", "unit") ?? "",
      };
}

/** How the workflow between the hub and the logs fares. */
export interface Feed {
  readonly state: string;
  /** Start of the last run that failed within a day. */
  readonly failedAt: string | undefined;
  /** Events of the last day that were given up, by topic; those without any are left out. */
  readonly undelivered: ReadonlyMap<string, number>;
}

/** The anomaly feed; undefined where there is none or none is expected. */
export async function feed(around: Around): Promise<Feed | undefined> {
  const expected = around.expected.logs.feed;
  if (expected === undefined) {
    return undefined;
  }
  const path = resourcePath(around, "Microsoft.Logic/workflows", expected.workflow);
  const workflow = await around.http.find(arm(around, path, "2019-05-01"));
  if (workflow === undefined) {
    return undefined;
  }
  const since = new Date(around.now.getTime() - 86_400_000).toISOString();
  const failed = arm(around, `${path}/runs`, "2019-05-01", {
    $filter: `status eq 'Failed' and startTime ge ${since}`,
    $top: "1",
  });
  const [runs, counts] = await Promise.all([
    around.http.get(failed),
    Promise.all(expected.topics.map(async (topic) => [topic, await undeliveredOf(around, topic)] as const)),
  ]);
  return {
    state: requiredText(workflow.body, "the anomaly feed's workflow", "properties", "state"),
    failedAt: time(requiredList(runs.body, "value", failed.url)[0], "properties", "startTime"),
    undelivered: new Map(counts.filter(([, count]) => count > 0)),
  };
}

async function undeliveredOf(around: Around, name: string): Promise<number> {
  const topic = resourcePath(around, "Microsoft.EventGrid/systemTopics", name);
  const counts = await metricsOf(around, topic, ["DroppedEventCount", "DeadLetteredCount"], "Total");
  return [...counts.values()].reduce((sum, { value }) => sum + value, 0);
}

/** When the last anomaly reached the logs; `last` is undefined where none has within 30 days. */
export async function loggedAnomaly(around: Around): Promise<{ readonly last: string | undefined } | undefined> {
  const { logs } = around.expected;
  if (logs.feed === undefined) {
    return undefined;
  }
  const rows = await queryLogs(around, `${logs.feed.table} | summarize last = max(TimeGenerated)`, "P30D");
  return { last: time(rows[0], 0) };
}

/** Rows that Log Analytics answers. */
export async function queryLogs(around: Around, query: string, timespan: string): Promise<readonly unknown[]> {
  const path = resourcePath(around, "Microsoft.OperationalInsights/workspaces", around.expected.logs.workspace);
  const workspace = await around.http.get(arm(around, path, "2023-09-01"));
  const id = requiredText(workspace.body, "the Log Analytics workspace", "properties", "customerId");
  const url = new URL(`${around.endpoints.logs}/v1/workspaces/${id}/query`);
  const { body } = await around.http.get({ method: "POST", url, scope: SCOPES.logs, body: { query, timespan } });
  const [table] = requiredList(body, "tables", url);
  return requiredList(table, "rows", url);
}
