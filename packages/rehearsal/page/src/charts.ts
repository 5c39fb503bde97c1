import { SignalChart } from "./chart";
import type { Model } from "./model";
import { onThemeChange, prefersReducedMotion, readColours } from "./theme";

/** With reduced motion the pictures move on once in this time, else with every frame. */
const REDUCED_MS = 2000;

/** The charts of the selected machine, one for each signal. */
export class Charts {
  private readonly charts = new Map<string, SignalChart>();
  private shownAt = -Infinity;

  constructor(
    private readonly container: HTMLElement,
    private readonly machine: HTMLSelectElement,
    private readonly window: HTMLSelectElement,
  ) {
    onThemeChange(() => {
      for (const chart of this.charts.values()) {
        chart.recolour(readColours());
      }
      this.shownAt = -Infinity;
    });
    for (const select of [machine, window]) {
      select.addEventListener("change", () => {
        this.shownAt = -Infinity;
      });
    }
  }

  get machineId(): string {
    return this.machine.value;
  }

  reset(): void {
    for (const chart of this.charts.values()) {
      chart.dispose();
    }
    this.charts.clear();
    this.machine.replaceChildren();
    this.shownAt = -Infinity;
  }

  /** Starts with five minutes, or in a time-lapse with what passes in one minute on the wall. */
  start({ description }: Model): void {
    const seconds = Math.max(300, 60 * (description.speed ?? 1));
    const options = [...this.window.options];
    this.window.value = (options.find(({ value }) => Number(value) >= seconds) ?? options.at(-1))?.value ?? "";
  }

  show(model: Model): void {
    this.listMachines(model);
    if (prefersReducedMotion() && performance.now() - this.shownAt < REDUCED_MS) {
      return;
    }
    this.shownAt = performance.now();
    for (const signal of model.signals) {
      this.chartOf(signal, model).show(model, this.machineId, Number(this.window.value));
    }
  }

  private chartOf(signal: string, model: Model): SignalChart {
    const found = this.charts.get(signal);
    if (found !== undefined) {
      return found;
    }
    if (this.charts.size === 0) {
      this.container.replaceChildren();
    }
    const unit = model.description.signals.find(({ name }) => name === signal)?.unit;
    const chart = new SignalChart(signal, unit, readColours());
    this.charts.set(signal, chart);
    this.container.append(chart.element);
    return chart;
  }

  private listMachines(model: Model): void {
    if (this.machine.options.length !== model.machines.size) {
      const selected = this.machine.value;
      this.machine.replaceChildren(
        ...[...model.machines.keys()].map((id) => new Option(id, id, false, id === selected)),
      );
    }
    const label = this.machine.closest("label");
    if (label !== null) {
      label.hidden = model.machines.size < 2;
    }
  }
}
