import { type AlertGroup, groupAlerts, sameGroup } from "./alert-groups";
import { h, setText } from "./dom";
import { count, duration, milliseconds, plural, timeOfDay } from "./format";
import type { Model } from "./model";

/** Alerts in the list; more are counted. */
const SHOWN = 60;

const SEVERITIES = {
  critical: { icon: "⬣", word: "Critical" },
  warning: { icon: "▲", word: "Warning" },
  info: { icon: "●", word: "Info" },
  /** Rows of Stream Analytics have none; the charts mark them so too. */
  none: { icon: "◆", word: "Alert" },
} as const;

const DELIVERIES = {
  waiting: { icon: "◷", word: "Waits on the device" },
  cloud: { icon: "☁", word: "In the cloud" },
  lost: { icon: "✕", word: "Lost" },
} as const;

interface Item {
  readonly element: HTMLLIElement;
  readonly when: HTMLElement;
  shown: AlertGroup;
}

/** The list of alerts: open ones first, then the latest. */
export class AlertList {
  private readonly items = new Map<string, Item>();
  private isFirst = true;

  constructor(
    private readonly list: HTMLOListElement,
    private readonly count: HTMLElement,
  ) {}

  reset(): void {
    this.items.clear();
    this.list.replaceChildren();
    this.isFirst = true;
  }

  show(model: Model): void {
    const now = model.now();
    const groups = groupAlerts(model.episodes.values());
    const open = groups.filter(({ episode }) => episode.closedAt === undefined).length;
    const rest = groups.length > SHOWN ? `, the latest ${SHOWN} here` : "";
    setText(this.count, `${openCount(open)} · ${plural(model.episodes.size, "alert")}${rest}`);
    if (groups.length === 0) {
      if (this.isFirst) {
        this.list.replaceChildren(h("li", { class: "empty" }, "No alerts. Press Spike, and see what happens."));
        this.isFirst = false;
      }
      return;
    }
    this.arrange(groups.slice(0, SHOWN), now);
  }

  /** Moves and renews only what changed: what a person reads or selects stays where it is. */
  private arrange(groups: readonly AlertGroup[], now: number): void {
    const kept = new Set(groups.map(({ id }) => id));
    for (const [id, { element }] of this.items) {
      if (!kept.has(id)) {
        element.remove();
        this.items.delete(id);
      }
    }
    this.list.querySelector(":scope > .empty")?.remove();
    groups.forEach((group, index) => {
      let item = this.items.get(group.id);
      if (item === undefined || !sameGroup(item.shown, group)) {
        const renewed = render(group);
        item?.element.replaceWith(renewed.element);
        this.items.set(group.id, renewed);
        item = renewed;
      }
      if (this.list.children[index] !== item.element) {
        this.list.insertBefore(item.element, this.list.children[index] ?? null);
      }
      setText(item.when, whenOf(group, now));
    });
  }
}

function render(group: AlertGroup): Item {
  const { episode, amount, signals } = group;
  const severity = episode.severity ?? "none";
  const { icon, word } = SEVERITIES[severity];
  const isOpen = episode.closedAt === undefined;
  const when = h("span", { class: "when" });
  const facts = [
    h(
      "span",
      {},
      episode.source === "detector"
        ? "Detector"
        : amount === 1
          ? "Stream Analytics"
          : `Stream Analytics, ${count(amount)} rows`,
    ),
    h("span", {}, [episode.machineId, ...signals].join(" · ")),
    ...(episode.latencyMs === undefined
      ? []
      : [h("span", {}, `${milliseconds(episode.latencyMs)} ms after the reading`)]),
  ];
  const delivery = group.delivery === undefined ? undefined : DELIVERIES[group.delivery];
  const element = h(
    "li",
    {
      class: "alert",
      "data-episode": group.id,
      "data-severity": severity,
      "data-source": episode.source,
      "data-open": String(isOpen),
      ...(group.delivery === undefined ? {} : { "data-delivery": group.delivery }),
    },
    h(
      "p",
      { class: "alert-head" },
      h("span", { class: "severity" }, h("span", { "aria-hidden": "true" }, icon), ` ${word}`),
      when,
    ),
    h("p", { class: "sentence" }, episode.message),
    h(
      "p",
      { class: "facts" },
      ...facts,
      ...(delivery === undefined
        ? []
        : [h("span", { class: "delivery" }, h("span", { "aria-hidden": "true" }, delivery.icon), ` ${delivery.word}`)]),
    ),
  );
  return { element, when, shown: group };
}

function whenOf({ episode: { source, closedAt }, openedAt, latestAt, amount }: AlertGroup, now: number): string {
  const since = timeOfDay(openedAt);
  if (closedAt === undefined) {
    return `open since ${since}, ${duration(now - openedAt)}`;
  }
  if (source === "streamAnalytics") {
    return amount === 1 ? since : `${since} to ${timeOfDay(latestAt)}`;
  }
  return `${since}, closed after ${duration(closedAt - openedAt)}`;
}

function openCount(open: number): string {
  return open === 0 ? "none open" : `${count(open)} open`;
}
