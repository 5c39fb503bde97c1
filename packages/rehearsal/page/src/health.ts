import { h, setText } from "./dom";
import type { Model } from "./model";
import { titleOf } from "./module-titles";

const MODULE_STATES = {
  running: { icon: "✓", word: "running", level: "good" },
  starting: { icon: "◌", word: "starting", level: "warn" },
  stopped: { icon: "■", word: "stopped", level: "warn" },
  failed: { icon: "✕", word: "failed", level: "bad" },
} as const;

interface Part {
  readonly icon: string;
  readonly word: string;
  readonly level: "good" | "warn" | "bad";
}

/** Cloud, sensor and modules in one line: an icon, a name, a word. */
export class Health {
  private readonly items = new Map<string, { element: HTMLElement; icon: HTMLElement; word: HTMLElement }>();

  constructor(private readonly list: HTMLElement) {}

  show(model: Model): void {
    const { state, description } = model;
    if (state === undefined) {
      return;
    }
    this.part(
      "Cloud",
      model.isCloudConnected
        ? { icon: "✓", word: "connected", level: "good" }
        : { icon: "✕", word: "cut off", level: "bad" },
    );
    this.part("Sensor", MODULE_STATES[model.isSensorRunning ? "running" : "stopped"]);
    for (const [module, moduleState] of Object.entries(state.modules)) {
      if (module !== description.roles.sensor) {
        this.part(titleOf(module, description.roles), MODULE_STATES[moduleState]);
      }
    }
  }

  private part(name: string, { icon, word, level }: Part): void {
    let item = this.items.get(name);
    if (item === undefined) {
      const parts = { icon: h("span", { "aria-hidden": "true", class: "icon" }), word: h("span", { class: "word" }) };
      const element = h("li", {}, parts.icon, h("span", { class: "name" }, name), " ", parts.word);
      item = { element, ...parts };
      this.items.set(name, item);
      this.list.append(element);
    }
    setText(item.icon, icon);
    setText(item.word, word);
    // What is as it should be needs no word on the screen.
    item.word.classList.toggle("visually-hidden", level === "good");
    item.element.dataset.level = level;
  }
}
