import type { Action } from "../../src/events";
import { labelOf } from "./action-labels";
import { send } from "./connection";
import { h, setText } from "./dom";
import type { Model } from "./model";

interface Control {
  readonly key: string;
  /** What a press does now. */
  action(model: Model | undefined): Action;
  readonly hint: string;
  readonly perMachine?: boolean;
}

const fixed = (action: Action) => (): Action => action;

const GROUPS: readonly { readonly title: string; readonly controls: readonly Control[] }[] = [
  {
    title: "Machine",
    controls: [
      { key: "s", action: fixed("spike"), hint: "One reading far outside the usual range", perMachine: true },
      { key: "d", action: fixed("drift"), hint: "Readings move away slowly", perMachine: true },
      { key: "t", action: fixed("stuck"), hint: "The same reading again and again", perMachine: true },
      { key: "n", action: fixed("normal"), hint: "Back to usual readings", perMachine: true },
    ],
  },
  {
    title: "Sensor",
    controls: [
      {
        key: "o",
        action: (model) => (model?.isSensorRunning === false ? "startSensor" : "stopSensor"),
        hint: "Whether the sensor sends at all",
      },
    ],
  },
  {
    title: "Network",
    controls: [
      {
        key: "c",
        action: (model) => (model?.isCloudConnected === false ? "connectCloud" : "cutCloud"),
        hint: "The device's connection to the cloud",
      },
    ],
  },
  {
    title: "Modules",
    controls: [
      { key: "k", action: fixed("killDetector"), hint: "End the detector's process; it is started again" },
      { key: "h", action: fixed("killHub"), hint: "End the edge hub's process; it is started again" },
    ],
  },
];

const REPAIRS: ReadonlySet<Action> = new Set<Action>(["normal", "startSensor", "connectCloud"]);

/** The buttons that break and repair things, and their keys. */
export class Controls {
  private readonly buttons: readonly { control: Control; button: HTMLButtonElement; label: HTMLElement }[];
  private model: Model | undefined;

  constructor(
    container: HTMLElement,
    private readonly outcome: HTMLElement,
    private readonly shortcuts: HTMLInputElement,
    private readonly machineId: () => string,
  ) {
    const buttons: { control: Control; button: HTMLButtonElement; label: HTMLElement }[] = [];
    for (const { title, controls } of GROUPS) {
      const titleId = `group-${title.toLowerCase()}`;
      const group = h(
        "div",
        { role: "group", "aria-labelledby": titleId },
        h("h3", { id: titleId, class: "visually-hidden" }, title),
      );
      for (const control of controls) {
        const label = h("span", {}, labelOf(control.action(undefined)));
        const button = h(
          "button",
          { type: "button", title: control.hint, "aria-keyshortcuts": control.key },
          label,
          h("kbd", { "aria-hidden": "true" }, control.key.toUpperCase()),
        );
        button.addEventListener("click", () => {
          void this.press(control);
        });
        group.append(button);
        buttons.push({ control, button, label });
      }
      container.append(group);
    }
    this.buttons = buttons;
    document.addEventListener("keydown", (event) => {
      this.onKey(event);
    });
  }

  show(model: Model): void {
    this.model = model;
    for (const { control, button, label } of this.buttons) {
      const action = control.action(model);
      setText(label, labelOf(action));
      button.dataset.action = action;
      button.classList.toggle("repair", REPAIRS.has(action));
    }
  }

  private onKey(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof HTMLElement &&
      event.target.closest("input:not([type=checkbox]), select, textarea") !== null;
    if (!this.shortcuts.checked || isTyping || event.repeat || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const pressed = this.buttons.find(({ control }) => control.key === event.key.toLowerCase());
    if (pressed !== undefined) {
      event.preventDefault();
      void this.press(pressed.control);
    }
  }

  private async press(control: Control): Promise<void> {
    const action = control.action(this.model);
    const machine = control.perMachine === true ? this.machineId() : "";
    try {
      await send(action, machine === "" ? undefined : machine);
      this.say(`${labelOf(action)}: done${machine === "" ? "" : ` on ${machine}`}.`, false);
    } catch (error) {
      this.say(`${labelOf(action)}: ${error instanceof Error ? error.message : "failed"}.`, true);
    }
  }

  private say(sentence: string, isBad: boolean): void {
    setText(this.outcome, sentence);
    this.outcome.classList.toggle("bad", isBad);
  }
}
