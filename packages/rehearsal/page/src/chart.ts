import uPlot from "uplot";
import type { ReadingEvent } from "../../src/events";
import { drawEpisodeAreas, drawMarks, type Marks } from "./chart-marks";
import { h, setText } from "./dom";
import { measured, timeOfDay } from "./format";
import type { Model } from "./model";
import type { Colours } from "./theme";

/** Share of the visible range that stays free above and below. */
const PADDING = 0.12;

/** Share of the chosen time that a chart shows at least, however few readings there are yet. */
const SHORTEST = 0.2;

/** Milliseconds between changes of what a screen reader finds at the picture. */
const DESCRIBE_MS = 5000;

/** One signal of the selected machine: its latest value in words, and its course as a picture. */
export class SignalChart {
  readonly element: HTMLElement;
  private readonly value = h("span", { class: "value" });
  private readonly range = h("span", { class: "range" });
  private readonly chip = h("span", { class: "chip" });
  private readonly canvas = h("div", { class: "plot", role: "img" });
  private plot: uPlot | undefined;
  private marks: Marks = { episodes: [], actions: [], now: 0 };
  private describedAt = -Infinity;

  constructor(
    private readonly signal: string,
    private readonly unit: string | undefined,
    private colours: Colours,
  ) {
    this.element = h(
      "article",
      { class: "chart" },
      h("div", { class: "chart-head" }, h("h3", {}, this.signal), this.value, this.chip, this.range),
      this.canvas,
    );
    new ResizeObserver(() => {
      this.resize();
    }).observe(this.canvas);
  }

  /** Shows the last `seconds` of a machine. */
  show(model: Model, machineId: string, seconds: number): void {
    const now = model.now();
    const series = model.machines.get(machineId);
    const isMine = (signals: readonly string[]): boolean => signals.length === 0 || signals.includes(this.signal);
    const from = Math.max(
      now - seconds * 1000,
      Math.min((series?.times[0] ?? 0) * 1000, now - SHORTEST * seconds * 1000),
    );
    this.marks = {
      episodes: [...model.episodes.values()].filter(
        (episode) => episode.machineId === machineId && isMine(episode.signals) && (episode.closedAt ?? now) >= from,
      ),
      actions: model.actions.filter(
        (action) => action.readingTime >= from && (action.machineId === undefined || action.machineId === machineId),
      ),
      now,
    };
    this.showWords(series?.latest, now);
    if (series === undefined) {
      return;
    }
    const data = series.view(this.signal, from / 1000);
    this.plot ??= this.create(data);
    this.plot?.batch((plot: uPlot) => {
      plot.setData(data, false);
      plot.setScale("x", { min: from / 1000, max: now / 1000 });
    });
  }

  /** Draws anew in other colours. */
  recolour(colours: Colours): void {
    this.colours = colours;
    this.plot?.destroy();
    this.plot = undefined;
  }

  dispose(): void {
    this.plot?.destroy();
    this.element.remove();
  }

  private showWords(reading: ReadingEvent | undefined, now: number): void {
    const value = reading?.signals[this.signal];
    const expected = reading?.expected?.[this.signal];
    const unit = this.unit === undefined ? "" : ` ${this.unit}`;
    const isOpen = this.marks.episodes.some(({ closedAt }) => closedAt === undefined);
    const side =
      value === undefined || value === null || expected === undefined
        ? undefined
        : value > expected.high
          ? "above"
          : value < expected.low
            ? "below"
            : "in range";
    const state = isOpen ? "alert" : side === undefined ? "learning" : side === "in range" ? "good" : "warn";
    const words = {
      alert: "⚑ Alert open",
      learning: "… Learning",
      good: "✓ In range",
      warn: side === "above" ? "↑ Above range" : "↓ Below range",
    }[state];
    setText(this.value, value === undefined || value === null ? "no value" : `${measured(value)}${unit}`);
    setText(
      this.range,
      expected === undefined ? "" : `expected ${measured(expected.low)} to ${measured(expected.high)}${unit}`,
    );
    setText(this.chip, words);
    this.chip.dataset.state = state;
    if (performance.now() - this.describedAt > DESCRIBE_MS) {
      this.describedAt = performance.now();
      this.canvas.setAttribute(
        "aria-label",
        `${this.signal} until ${timeOfDay(now)}: ${this.value.textContent}, ${this.range.textContent || "expected range not learnt yet"}, ${words.slice(2)}`,
      );
    }
  }

  private size(): { width: number; height: number } {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  private resize(): void {
    const size = this.size();
    if (size.width > 0) {
      this.plot?.setSize(size);
    }
  }

  private create(data: uPlot.AlignedData): uPlot | undefined {
    const size = this.size();
    if (size.width === 0) {
      return undefined;
    }
    const { colours } = this;
    const axis = { stroke: colours.text, font: "12px system-ui, sans-serif", ticks: { show: false } };
    const grid = { stroke: colours.grid, width: 1 };
    return new uPlot(
      {
        ...size,
        padding: [4, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: true, auto: false },
          y: { range: (_chart, low, high) => padded(low, high) },
        },
        axes: [
          {
            ...axis,
            grid,
            space: 90,
            size: 28,
            values: (_chart, times) => times.map((time) => timeOfDay(time * 1000)),
          },
          { ...axis, grid, space: 32, size: 52, values: (_chart, values) => values.map(tick(values)) },
        ],
        series: [
          {},
          { points: { show: false }, width: 0, stroke: "transparent" },
          { points: { show: false }, width: 0, stroke: "transparent" },
          {
            stroke: colours.line,
            width: 1.75,
            points: { show: (_chart, _series, from, to) => to - from < 60, size: 4, fill: colours.line },
          },
        ],
        bands: [{ series: [2, 1], fill: colours.band }],
        hooks: {
          drawAxes: [
            (chart) => {
              drawEpisodeAreas(chart, this.marks, colours);
            },
          ],
          draw: [
            (chart) => {
              drawMarks(chart, this.marks, colours);
            },
          ],
        },
      },
      data,
      this.canvas,
    );
  }
}

function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) {
    return [0, 1];
  }
  const room = (high - low || Math.abs(high) || 1) * PADDING;
  return [low - room, high + room];
}

/** Labels of an axis with as many digits as tell them apart. */
function tick(values: readonly number[]): (value: number) => string {
  const step = Math.abs((values[1] ?? 1) - (values[0] ?? 0)) || 1;
  const digits = [0, 1, 2, 3].find((places) => Math.abs(step - Number(step.toFixed(places))) < step / 1000) ?? 4;
  return (value) => value.toFixed(digits);
}
