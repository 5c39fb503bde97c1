import type { Episode } from "../../src/server/frames";
import { h, setText } from "./dom";
import { duration, milliseconds, plural, timeOfDay } from "./format";
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
  shown: Episode;
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
    const episodes = [...model.episodes.values()].sort(
      (a, b) => Number(a.closedAt !== undefined) - Number(b.closedAt !== undefined) || b.openedAt - a.openedAt,
    );
    const open = episodes.filter(({ closedAt }) => closedAt === undefined).length;
    const rest = episodes.length - SHOWN;
    setText(
      this.count,
      `${count(open)} · ${plural(episodes.length, "alert")}${rest > 0 ? `, the latest ${SHOWN} here` : ""}`,
    );
    if (episodes.length === 0) {
      if (this.isFirst) {
        this.list.replaceChildren(h("li", { class: "empty" }, "No alerts. Press Spike, and see what happens."));
        this.isFirst = false;
      }
      return;
    }
    this.arrange(episodes.slice(0, SHOWN), now);
  }

  /** Moves and renews only what changed: what a person reads or selects stays where it is. */
  private arrange(episodes: readonly Episode[], now: number): void {
    const kept = new Set(episodes.map(({ id }) => id));
    for (const [id, { element }] of this.items) {
      if (!kept.has(id)) {
        element.remove();
        this.items.delete(id);
      }
    }
    this.list.querySelector(":scope > .empty")?.remove();
    episodes.forEach((episode, index) => {
      let item = this.items.get(episode.id);
      if (item?.shown !== episode) {
        const renewed = render(episode);
        item?.element.replaceWith(renewed.element);
        this.items.set(episode.id, renewed);
        item = renewed;
      }
      if (this.list.children[index] !== item.element) {
        this.list.insertBefore(item.element, this.list.children[index] ?? null);
      }
      setText(item.when, whenOf(episode, now));
    });
  }
}

function render(episode: Episode): Item {
  const severity = episode.severity ?? "none";
  const { icon, word } = SEVERITIES[severity];
  const isOpen = episode.closedAt === undefined;
  const when = h("span", { class: "when" });
  const facts = [
    h("span", {}, episode.source === "detector" ? "Detector" : "Stream Analytics"),
    h("span", {}, [episode.machineId, ...episode.signals].join(" · ")),
    ...(episode.latencyMs === undefined
      ? []
      : [h("span", {}, `${milliseconds(episode.latencyMs)} ms after the reading`)]),
  ];
  const delivery = episode.delivery === undefined ? undefined : DELIVERIES[episode.delivery];
  const element = h(
    "li",
    {
      class: "alert",
      "data-episode": episode.id,
      "data-severity": severity,
      "data-source": episode.source,
      "data-open": String(isOpen),
      ...(episode.delivery === undefined ? {} : { "data-delivery": episode.delivery }),
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
  return { element, when, shown: episode };
}

function whenOf({ source, openedAt, closedAt }: Episode, now: number): string {
  const since = timeOfDay(openedAt);
  if (closedAt === undefined) {
    return `open since ${since}, ${duration(now - openedAt)}`;
  }
  return source === "streamAnalytics" ? since : `${since}, closed after ${duration(closedAt - openedAt)}`;
}

function count(open: number): string {
  return open === 0 ? "none open" : `${open} open`;
}
