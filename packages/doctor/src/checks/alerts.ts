import { isSame } from "../sources/arm";
import { type Check, check, earliest, minutes, since } from "./check";

const DAY_MINUTES = 1440;
/** Times that a rule may fire in a week before it says nothing any more. */
const STORM = 50;

/** Checks of whether people are told: alerts, the way of anomalies into the logs, the budget. */
export const ALERT_CHECKS: readonly Check[] = [
  check({
    id: "alert-disabled",
    level: "broken",
    phases: ["after"],
    needs: ["alertRules"],
    holds: "alert rules are enabled",
    why: "nobody is told",
    remedy: "enable it in Azure's portal, Alert rules; the next deployment does not",
    page: "docs/doctor.md#alert-storm",
    find: ({ alertRules = [] }, { resources }) =>
      alertRules
        .filter(({ name, isEnabled }) => !isEnabled && resources.some((one) => one.name === name))
        .map(({ name }) => ({ subject: name, what: "the alert rule is disabled" })),
  }),
  check({
    id: "alert-receivers",
    level: "broken",
    phases: ["after"],
    needs: ["actionGroup", "alertRules"],
    holds: "alerts reach somebody",
    why: "rules fire, and nobody is told",
    remedy: "receivers can unsubscribe by a link in each mail: enable them again in the action group",
    page: "docs/doctor.md#alert-storm",
    find: ({ actionGroup, alertRules = [] }, { alerts }) =>
      actionGroup === undefined
        ? []
        : [
            ...(actionGroup.isEnabled ? [] : [{ subject: alerts.actionGroup, what: "the action group is disabled" }]),
            ...(actionGroup.receivers.length === 0
              ? [{ subject: alerts.actionGroup, what: "it has no receivers" }]
              : []),
            ...actionGroup.receivers
              .filter(({ isEnabled }) => !isEnabled)
              .map(({ name }) => ({
                subject: name,
                what: "the receiver gets no mail: it is disabled in the action group",
              })),
            ...alertRules
              .filter(({ tells }) => tells.length === 0)
              .map(({ name }) => ({ subject: name, what: "the alert rule tells nobody" })),
          ],
  }),
  check({
    id: "alert-always",
    level: "finding",
    phases: ["after"],
    needs: ["firedAlerts", "alertRules", "devices"],
    holds: "no alert is open for a day, and none fires again and again",
    why: "an alert that is always there is no longer read, and what comes next is missed",
    remedy: "remove the cause, or choose a threshold that fits: alerts in the environment's configuration",
    page: "docs/doctor.md#alert-storm",
    find: ({ firedAlerts = [], alertRules = [], devices }, { hub }, now) => {
      const names = [...new Set(firedAlerts.map(({ rule }) => rule))];
      const unreachable = alertRules.filter(
        ({ metric, operator, threshold = 0, scopes }) =>
          metric === "connectedDeviceCount" &&
          // Of another hub's devices nothing is known here.
          (scopes.length === 0 || scopes.some((name) => isSame(name, hub.name))) &&
          operator === "LessThan" &&
          devices !== undefined &&
          // Devices that are missing are named as such.
          threshold > devices.count + devices.missing.length,
      );
      return [
        ...unreachable.map(({ name, threshold }) => ({
          subject: name,
          what: `it wants ${threshold ?? 0} connected devices, and the hub has ${devices?.count ?? 0}: it can only fire`,
        })),
        ...names
          .filter((name) => !unreachable.some((one) => one.name === name))
          .flatMap((name) => {
            const own = firedAlerts.filter(({ rule }) => rule === name);
            const open = earliest(own.filter(({ isOpen }) => isOpen).map((one) => one.since));
            const isOld = open !== undefined && minutes(open, now) > DAY_MINUTES;
            return isOld
              ? [{ subject: name, what: "the alert is open", ...since(open) }]
              : own.length > STORM
                ? [
                    {
                      subject: name,
                      what: `the alert fired ${own.length} times within a week`,
                      ...since(earliest(own.map((one) => one.since))),
                    },
                  ]
                : [];
          }),
      ];
    },
  }),
  check({
    id: "alert-never",
    level: "broken",
    phases: ["after"],
    needs: ["sentCategories"],
    holds: "alerts that ask logs get them",
    why: "a rule whose log is not sent never fires",
    remedy: "npx cdktf deploy writes the hub's diagnostic setting",
    page: "docs/doctor.md#failed-apply",
    find: ({ sentCategories }, { hub }) =>
      sentCategories === undefined
        ? []
        : hub.logCategories
            .filter((category) => !sentCategories.includes(category))
            .map((category) => ({
              subject: `log ${category}`,
              what: "the hub does not send it to Log Analytics: rules that ask it never fire",
            })),
  }),
  check({
    id: "anomaly-feed",
    level: "broken",
    phases: ["after"],
    needs: ["feed"],
    holds: "the anomaly feed works",
    why: "alerts do not name the machine, and charts show no anomalies",
    remedy:
      "open the workflow's last run in Azure's portal; its identity needs Monitoring Metrics Publisher on the data collection rule",
    page: "docs/doctor.md",
    find: ({ feed }, { logs }) =>
      feed === undefined || logs.feed === undefined
        ? []
        : feed.state !== "Enabled"
          ? [{ subject: logs.feed.workflow, what: `the workflow is ${feed.state}` }]
          : feed.failedAt !== undefined
            ? [{ subject: logs.feed.workflow, what: "a run of the workflow failed", ...since(feed.failedAt) }]
            : [],
  }),
  check({
    id: "dead-letters",
    level: "broken",
    phases: ["after"],
    needs: ["feed"],
    holds: "every anomaly is delivered",
    why: "Event Grid gave up on them: they are in the lake, and nobody was told",
    remedy: "see the subscription's metrics; after the cause is gone, anomalies of that time are in the lake",
    page: "docs/doctor.md",
    find: ({ feed }) =>
      [...(feed?.undelivered ?? [])].map(([topic, count]) => ({
        subject: topic,
        what: `${count} events were given up within a day`,
      })),
  }),
  check({
    id: "anomaly-lag",
    level: "broken",
    phases: ["after"],
    needs: ["loggedAnomaly", "lakeAnomaly", "feed"],
    holds: "the last anomaly of the lake is in the logs too",
    why: "anomalies reach the lake and not the logs: alerts by machine stay silent",
    remedy: "see the Event Grid subscription anomalies-to-log-analytics and the data collection rule",
    page: "docs/doctor.md",
    find: ({ loggedAnomaly, lakeAnomaly, feed }, { logs }, now) => {
      const isFaulty = feed?.state !== "Enabled" || feed.failedAt !== undefined || feed.undelivered.size > 0;
      const last = lakeAnomaly?.last;
      if (logs.feed === undefined || loggedAnomaly === undefined || last === undefined || isFaulty) {
        return [];
      }
      // Files are written up to twelve minutes after the message, logs within minutes of it.
      const isLost =
        minutes(loggedAnomaly.last, new Date(last)) > 60 &&
        minutes(last, now) > 15 &&
        minutes(last, now) < 30 * DAY_MINUTES;
      return isLost
        ? [
            {
              subject: logs.feed.table,
              what: `the lake has an anomaly of ${last.slice(0, 16).replace("T", " ")} UTC, and the logs have ${loggedAnomaly.last === undefined ? "none" : "none since"}`,
              ...since(loggedAnomaly.last),
            },
          ]
        : [];
    },
  }),
  check({
    id: "budget",
    level: "finding",
    phases: ["after"],
    needs: ["budget"],
    holds: "the month stays within its budget",
    why: "a budget stops nothing: costs go on",
    remedy: "see Cost analysis of the resource group, or raise budget.monthlyAmount",
    page: "docs/doctor.md",
    find: ({ budget }, expected) => {
      if (budget === undefined) {
        return [];
      }
      const { amount, spent, forecast, unit } = budget;
      const show = (value: number): string => `${Math.round(value)}${unit === "" ? "" : ` ${unit}`}`;
      return spent > amount
        ? [{ subject: expected.budget.name, what: `${show(spent)} of ${show(amount)} are spent this month` }]
        : forecast !== undefined && forecast > amount
          ? [
              {
                subject: expected.budget.name,
                what: `${show(forecast)} are forecast for this month, of ${show(amount)}`,
              },
            ]
          : [];
    },
  }),
];
