import { h, setText } from "./dom";
import { bytes, count, milliseconds, rate } from "./format";
import type { Model } from "./model";

interface Tile {
  readonly term: string;
  value(model: Model): string;
  detail(model: Model): string;
  /** What needs looking at; said by the detail as well. */
  isBad?(model: Model): boolean;
}

const sum = (counts: Readonly<Record<string, number | undefined>> | undefined): number =>
  Object.values(counts ?? {}).reduce<number>((total, amount) => total + (amount ?? 0), 0);

const TILES: readonly Tile[] = [
  {
    term: "Messages a second",
    value: ({ state }) => (state === undefined ? "–" : rate(state.messagesPerSecond)),
    detail: ({ totals }) => `${count(totals?.messages ?? 0)} since the start`,
  },
  {
    term: "Sensor to alert",
    value: ({ state }) => (state?.latency === undefined ? "–" : `${milliseconds(state.latency.p50)} ms`),
    detail: ({ state }) =>
      state?.latency === undefined ? "no alert in the last minute" : `p50; p99 ${milliseconds(state.latency.p99)} ms`,
  },
  {
    term: "Reached the cloud",
    value: ({ totals }) => count(sum(totals?.cloud)),
    detail: ({ totals }) => `${count(totals?.cloud.anomaly ?? 0)} anomalies, ${bytes(totals?.cloudBytes ?? 0)}`,
  },
  {
    term: "Stayed on the device",
    value: ({ totals }) => count((totals?.messages ?? 0) - (totals?.forCloud ?? 0)),
    detail: () => "read by modules only",
  },
  {
    term: "Waiting",
    value: ({ state }) => count(sum(state?.waiting)),
    detail: ({ state }) => `${bytes(state?.storeBytes ?? 0)} on disk`,
  },
  {
    term: "Lost",
    value: ({ totals }) => count(sum(totals?.lost)),
    detail: ({ totals }) =>
      Object.entries(totals?.lost ?? {})
        .map(([reason, amount]) => `${count(amount)} ${reason}`)
        .join(", ") || "nothing",
    isBad: ({ totals }) => sum(totals?.lost) > 0,
  },
];

export class Numbers {
  private readonly tiles: readonly { tile: Tile; element: HTMLElement; value: HTMLElement; detail: HTMLElement }[];

  constructor(list: HTMLElement) {
    this.tiles = TILES.map((tile) => {
      const value = h("span", { class: "figure" }, "–");
      const detail = h("span", { class: "detail" });
      const element = h("div", {}, h("dt", {}, tile.term), h("dd", {}, value, detail));
      list.append(element);
      return { tile, element, value, detail };
    });
  }

  show(model: Model): void {
    for (const { tile, element, value, detail } of this.tiles) {
      setText(value, tile.value(model));
      setText(detail, tile.detail(model));
      element.classList.toggle("bad", tile.isBad?.(model) ?? false);
    }
  }
}
