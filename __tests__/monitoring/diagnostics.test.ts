import { AlertReceivers, receiverProblems } from "../../constructs/monitoring/alert-receivers";
import { AnomalyFeed } from "../../constructs/monitoring/anomaly-feed";
import { ApplicationInsights } from "../../constructs/monitoring/application-insights";
import {
  DIAGNOSTIC_CATEGORIES,
  type DiagnosticKind,
  DiagnosticSetting,
  logCategoryProblems,
} from "../../constructs/monitoring/diagnostic-setting";
import { HubAlerts } from "../../constructs/monitoring/hub-alerts";
import { hubAlertProblems, type HubAlertSettings } from "../../constructs/monitoring/hub-metric-alerts";
import { LogAnalytics, logAnalyticsProblems } from "../../constructs/monitoring/log-analytics";
import { MonthlyBudget, monthlyBudgetProblems } from "../../constructs/monitoring/monthly-budget";
import { Workbook } from "../../constructs/monitoring/workbook";
import { IotHub } from "../../constructs/hub/iot-hub";
import { all, at, Bench, type Block, find, paths, problemsOf, type StackJson } from "../support/synth";

describe("DiagnosticSetting", () => {
  function setting(kind: DiagnosticKind, logCategories?: readonly string[]): Block {
    const bench = new Bench();
    const logAnalytics = bench.logAnalytics();
    new DiagnosticSetting(bench.stack, "Setting", { kind, targetId: "/target", logCategories, logAnalytics });
    return find(bench.json(), "azurerm_monitor_diagnostic_setting");
  }
  const categories = (block: Block, field: string): unknown[] =>
    ((block[field] ?? []) as Block[]).map(({ category }) => category);

  test("of a hub sends the recipe's categories and all metrics", () => {
    const hub = setting("iotHub");
    expect(categories(hub, "enabled_log")).toEqual(["Connections", "DeviceTelemetry", "Routes"]);
    expect(categories(hub, "enabled_metric")).toEqual(["AllMetrics"]);
  });

  test("of a hub sends what it is told, sorted and once each", () => {
    expect(categories(setting("iotHub", ["Routes", "Configurations", "Routes"]), "enabled_log")).toEqual([
      "Configurations",
      "Routes",
    ]);
  });

  test.each(Object.keys(DIAGNOSTIC_CATEGORIES) as DiagnosticKind[])(
    "of %s has a destination and at least one category, and uses nothing that azurerm 5 has dropped",
    (kind) => {
      const block = setting(kind);
      expect(block.log_analytics_workspace_id).toMatch(/azurerm_log_analytics_workspace/);
      expect(categories(block, "enabled_log").length + categories(block, "enabled_metric").length).toBeGreaterThan(0);
      expect(Object.keys(block)).not.toEqual(expect.arrayContaining(["metric"]));
      expect(block).not.toHaveProperty("log_analytics_destination_type");
    },
  );

  test("refuses a category that the type does not have", () => {
    expect(paths(logCategoryProblems("logCategories", "iotHub", ["Routes", "EdgeDeployments"]))).toEqual([
      "logCategories[1]",
    ]);
    expect(paths(logCategoryProblems("logCategories", "iotHub", []))).toEqual(["logCategories"]);
  });
});

describe("LogAnalytics", () => {
  test("trusts identities alone and keeps logs for 30 days without a daily limit", () => {
    const bench = new Bench();
    bench.logAnalytics();
    expect(find(bench.json(), "azurerm_log_analytics_workspace")).toMatchObject({
      daily_quota_gb: -1,
      local_authentication_enabled: false,
      retention_in_days: 30,
      sku: "PerGB2018",
    });
  });

  test("takes an environment's word", () => {
    const bench = new Bench();
    new LogAnalytics(bench.stack, "Logs", { ...bench.common("log-test"), retentionDays: 730, dailyQuotaGb: 0.5 });
    expect(find(bench.json(), "azurerm_log_analytics_workspace")).toMatchObject({
      daily_quota_gb: 0.5,
      retention_in_days: 730,
    });
  });

  test.each([
    [{ retentionDays: 29 }, "retentionDays"],
    [{ retentionDays: 731 }, "retentionDays"],
    [{ dailyQuotaGb: 0 }, "dailyQuotaGb"],
  ])("refuses %p", (settings, path) => {
    expect(paths(logAnalyticsProblems(settings))).toEqual([path]);
  });
});

test("ApplicationInsights keeps its data in Log Analytics", () => {
  const bench = new Bench();
  new ApplicationInsights(bench.stack, "Insights", {
    ...bench.common("appi-test"),
    logAnalytics: bench.logAnalytics(),
  });
  const insights = find(bench.json(), "azurerm_application_insights");
  expect(insights.workspace_id).toMatch(/azurerm_log_analytics_workspace/);
  // azurerm 5 has other names for these.
  expect(insights).not.toHaveProperty("local_authentication_disabled");
  expect(insights).not.toHaveProperty("disable_ip_masking");
});

describe("AlertReceivers", () => {
  test("mail everybody who is named, in the order of their names", () => {
    const bench = new Bench();
    new AlertReceivers(bench.stack, "People", {
      ...bench.common("ag-test"),
      receivers: { shift: "shift@example.com", boss: "boss@example.com" },
    });
    const group = find(bench.json(), "azurerm_monitor_action_group");
    expect((group.email_receiver as Block[]).map(({ email_address }) => email_address)).toEqual([
      "boss@example.com",
      "shift@example.com",
    ]);
    expect(String(group.short_name).length).toBeLessThanOrEqual(12);
  });

  test.each([
    [{}, ""],
    [{ a: "nobody" }, "a"],
    [{ a: "a@b" }, "a"],
    [{ "a/b": "a@example.com" }, "a/b"],
    [{ a: "a@example.com", b: "A@example.com" }, "b"],
  ])("refuse %p", (receivers, path) => {
    expect(paths(receiverProblems(receivers))).toEqual([path]);
  });
});

function alerts(settings: HubAlertSettings = {}, withFeed = false): StackJson {
  const bench = new Bench();
  const hub = new IotHub(bench.stack, "Hub", { ...bench.common("iot-test"), units: 2 });
  const common = { resourceGroup: bench.resourceGroup, hub, logAnalytics: bench.logAnalytics() };
  const anomalyFeed = withFeed
    ? new AnomalyFeed(bench.stack, "Feed", { ...common, events: bench.hubEvents(), anomalyModules: ["job"] })
    : undefined;
  new HubAlerts(bench.stack, "Alerts", {
    ...settings,
    ...common,
    receivers: bench.receivers(),
    anomalyFeed,
  });
  return bench.json();
}

const metric = (json: StackJson, name: string): unknown =>
  at(
    all(json, "azurerm_monitor_metric_alert").find((alert) => alert.name === name),
    "criteria[0]",
  );

describe("HubAlerts", () => {
  const json = alerts();

  test("everything that warns tells the receivers", () => {
    const warnings = [
      ...all(json, "azurerm_monitor_metric_alert").map((alert) => at(alert, "action[0].action_group_id")),
      ...all(json, "azurerm_monitor_scheduled_query_rules_alert_v2").map((alert) =>
        at(alert, "action.action_groups[0]"),
      ),
    ];
    expect(new Set(warnings)).toEqual(new Set([expect.stringMatching(/azurerm_monitor_action_group\.Receivers/)]));
    expect(warnings).toHaveLength(7);
  });

  test("counts anomalies by what reaches their endpoint", () => {
    expect(metric(alerts({ toleratedAnomaliesPerHour: 5 }), "anomalies-delivered")).toMatchObject({
      metric_name: "RoutingDeliveries",
      operator: "GreaterThan",
      threshold: 5,
      dimension: [
        { name: "EndpointName", operator: "Include", values: ["lake-anomalies"] },
        { name: "Result", operator: "Include", values: ["success"] },
      ],
    });
  });

  test("warns at a share of the day's messages, over all units", () => {
    expect(metric(json, "message-quota-used")).toMatchObject({
      metric_name: "dailyMessageQuotaUsed",
      aggregation: "Maximum",
      threshold: 640_000,
    });
    expect(metric(alerts({ quotaPercent: 50 }), "message-quota-used")).toMatchObject({ threshold: 400_000 });
  });

  test("warns when devices are missing, and never where none must be connected", () => {
    expect(metric(alerts({ minimumConnectedDevices: 4 }), "devices-disconnected")).toMatchObject({
      metric_name: "connectedDeviceCount",
      operator: "LessThan",
      threshold: 4,
    });
    expect(metric(alerts({ minimumConnectedDevices: 0 }), "devices-disconnected")).toBeUndefined();
  });

  test("takes an environment's word on failures and throttling", () => {
    const own = alerts({ toleratedRoutingFailures: 3, toleratedThrottledMessages: 9 });
    expect(metric(own, "routing-failures")).toMatchObject({ threshold: 3 });
    expect(metric(own, "messages-throttled")).toMatchObject({ threshold: 9 });
  });

  test("asks the logs without a check that fails before the first line is there", () => {
    for (const alert of all(json, "azurerm_monitor_scheduled_query_rules_alert_v2")) {
      expect(alert.skip_query_validation).toBe(true);
    }
  });

  test("names the device that went and the machine that is anomalous, one alert each", () => {
    const withFeed = all(
      alerts({ toleratedAnomaliesPerHour: 2 }, true),
      "azurerm_monitor_scheduled_query_rules_alert_v2",
    );
    const dimensions = withFeed.map((alert) => [alert.name, at(alert, "criteria[0].dimension[0].name")]);
    expect(Object.fromEntries(dimensions)).toEqual({
      "device-offline": "deviceId",
      "machine-anomalies": "machine",
      "routing-errors": "target",
    });
    const machine = withFeed.find(({ name }) => name === "machine-anomalies");
    expect(at(machine, "criteria[0].threshold")).toBe(2);
  });

  test("reports every validation error at once", () => {
    expect(
      paths(
        hubAlertProblems({
          toleratedAnomaliesPerHour: -1,
          minimumConnectedDevices: 0.5,
          toleratedRoutingFailures: 1_000_001,
          toleratedThrottledMessages: -1,
          quotaPercent: 101,
        }),
      ),
    ).toEqual([
      "toleratedAnomaliesPerHour",
      "minimumConnectedDevices",
      "toleratedRoutingFailures",
      "toleratedThrottledMessages",
      "quotaPercent",
    ]);
  });
});

describe("AnomalyFeed", () => {
  const bench = new Bench();
  new AnomalyFeed(bench.stack, "Feed", {
    resourceGroup: bench.resourceGroup,
    events: bench.hubEvents([bench.lake().resource]),
    logAnalytics: bench.logAnalytics(),
    anomalyModules: ["job", "detector"],
  });
  const json = bench.json();
  const table = find(json, "azapi_resource", "Feed_Table");
  const rule = find(json, "azapi_resource", "Feed_CollectionRule");
  const workflow = find(json, "azapi_resource", "Feed_Workflow");
  const subscription = find(json, "azapi_resource", "Feed_Subscription");

  test("what the rule projects is what the table has", () => {
    const columns = (at(table, "body.properties.schema.columns") as Block[]).map(({ name }) => name);
    const projected = String(at(rule, "body.properties.dataFlows[0].transformKql")).matchAll(/([A-Za-z]+) = /g);
    expect([...projected].map(([, name]) => name)).toEqual(columns);
  });

  test("the workflow writes to the stream that the rule declares, by its own identity", () => {
    const [stream] = Object.keys(at(rule, "body.properties.streamDeclarations") as Block);
    const ingest = at(workflow, "body.properties.definition.actions.Ingest.inputs") as Block;
    expect(ingest.uri).toMatch(new RegExp(`/streams/${stream ?? "none"}\\?api-version=`));
    expect(ingest.authentication).toEqual({ type: "ManagedServiceIdentity", audience: "https://monitor.azure.com" });
    expect(find(json, "azurerm_role_assignment", "Feed_")).toMatchObject({
      role_definition_name: "Monitoring Metrics Publisher",
    });
  });

  test("gets anomalies only", () => {
    expect(at(subscription, "body.properties.filter")).toMatchObject({
      includedEventTypes: ["Microsoft.Devices.DeviceTelemetry"],
      advancedFilters: [
        { operatorType: "StringIn", values: ["job", "detector"] },
        { operatorType: "StringNotIn", key: "data.properties.detectorOutput", values: ["feedbackOutput"] },
      ],
    });
  });

  test("the signed link stands nowhere but in an ephemeral value and a write-only argument", () => {
    const [link] = Object.keys(json.ephemeral?.azapi_resource_action ?? {});
    expect(at(subscription, "sensitive_body.properties.destination.properties.endpointUrl")).toBe(
      `\${ephemeral.azapi_resource_action.${link ?? ""}.output.url}`,
    );
    expect(JSON.stringify(subscription.body)).not.toContain("endpointUrl");
  });

  test("waits for its role and for every other change of the hub", () => {
    expect(subscription.depends_on).toEqual([
      expect.stringMatching(/^time_sleep\.Feed_Propagation/),
      expect.stringMatching(/^azurerm_storage_account\.Lake/),
    ]);
  });

  test.each([[[]], [Array.from({ length: 25 }, (_, index) => `m${index}`)]])("refuses modules %p", (anomalyModules) => {
    const other = new Bench();
    const make = (): unknown =>
      new AnomalyFeed(other.stack, "Feed", {
        resourceGroup: other.resourceGroup,
        events: other.hubEvents(),
        logAnalytics: other.logAnalytics(),
        anomalyModules,
      });
    expect(paths(problemsOf(make))).toEqual(["anomalyModules"]);
  });
});

function workbookItems(withFeed: boolean): Block[] {
  const bench = new Bench();
  const common = { resourceGroup: bench.resourceGroup, hub: bench.hub(), logAnalytics: bench.logAnalytics() };
  new Workbook(bench.stack, "Workbook", {
    resourceGroup: bench.resourceGroup,
    hubs: [bench.hub()],
    logAnalytics: bench.logAnalytics(),
    uuid: "00000000-0000-8000-a000-000000000000",
    displayName: "Test",
    anomalyFeed: withFeed
      ? new AnomalyFeed(bench.stack, "Feed", { ...common, events: bench.hubEvents(), anomalyModules: ["job"] })
      : undefined,
  });
  const workbook = find(bench.json(), "azurerm_application_insights_workbook");
  return (JSON.parse(String(workbook.data_json)) as { items: Block[] }).items;
}

describe("Workbook", () => {
  const items = workbookItems(true);
  const named = (name: string): Block => (items.find((item) => item.name === name)?.content ?? {}) as Block;

  test("shows what operators ask first", () => {
    expect(items.map(({ name }) => name)).toEqual([
      "time-range",
      "connected-devices",
      "anomalies-by-machine",
      "routing",
      "routing-health",
      "quota",
      "throttling",
    ]);
  });

  test("has no chart that nothing fills", () => {
    expect(workbookItems(false).map(({ name }) => name)).not.toContain("anomalies-by-machine");
  });

  test("counts anomalies by machine from the table that the feed fills", () => {
    expect(named("anomalies-by-machine").query).toMatch(/^Anomalies_CL\n[^]*by bin\(TimeGenerated, 1h\), machine$/);
    expect(named("anomalies-by-machine").crossComponentResources).toEqual([
      expect.stringMatching(/azurerm_log_analytics_workspace/),
    ]);
  });

  test("every metric is one of the hub's, in the form that workbooks use", () => {
    const metrics = items
      .filter(({ type }) => type === 10)
      .flatMap(({ content }) => ((content as Block).metrics as Block[]).map(({ metric: name }) => name));
    expect(metrics).toHaveLength(6);
    for (const name of metrics) {
      expect(name).toMatch(/^microsoft\.devices\/iothubs--[A-Za-z0-9.]+$/);
    }
  });

  test("every chart follows the time range that is chosen on top", () => {
    for (const { content } of items.slice(1)) {
      expect((content as Block).timeContextFromParameter).toBe("TimeRange");
    }
  });
});

describe("MonthlyBudget", () => {
  test("starts on the first of the month it is made in and stays there", () => {
    const bench = new Bench();
    new MonthlyBudget(bench.stack, "Budget", {
      ...bench.common("budget"),
      receivers: bench.receivers(),
      monthlyAmount: 150,
    });
    const budget = find(bench.json(), "azurerm_consumption_budget_resource_group");
    expect(at(budget, "time_period.start_date")).toMatch(/^\$\{formatdate\("YYYY-MM-'01T00:00:00Z'", time_static\./);
    expect(budget).toMatchObject({ amount: 150, time_grain: "Monthly" });
  });

  test("tells people at the shares given", () => {
    const bench = new Bench();
    new MonthlyBudget(bench.stack, "Budget", {
      ...bench.common("budget"),
      receivers: bench.receivers(),
      monthlyAmount: 150,
      actualPercent: 50,
      forecastPercent: 120,
    });
    const budget = find(bench.json(), "azurerm_consumption_budget_resource_group");
    expect(
      (budget.notification as Block[]).map(({ threshold, threshold_type }) => [threshold_type, threshold]),
    ).toEqual([
      ["Actual", 50],
      ["Forecasted", 120],
    ]);
  });

  test("refuses a budget of nothing", () => {
    expect(paths(monthlyBudgetProblems({ monthlyAmount: 0, actualPercent: 0, forecastPercent: 1_001 }))).toEqual([
      "monthlyAmount",
      "actualPercent",
      "forecastPercent",
    ]);
  });
});
