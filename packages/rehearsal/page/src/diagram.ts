import type { StateEvent } from "../../src/events";
import { type Box, CLOUD, type Edge, layOut, moduleOf } from "./diagram-layout";
import { h, setText, svg } from "./dom";
import { count } from "./format";
import type { Model } from "./model";
import { titleOf } from "./module-titles";

/** A line moves while a message took it in this time. */
const FLOW_MS = 1200;

interface DrawnBox {
  readonly box: Box;
  readonly group: SVGGElement;
  readonly state: SVGTextElement;
  readonly waiting: SVGTextElement;
}

interface DrawnEdge {
  readonly edge: Edge;
  readonly group: SVGGElement;
  readonly label: SVGTextElement;
  amount: number;
  changedAt: number;
}

/** The routes of the deployment, with what went along them and what waits. */
export class Diagram {
  private boxes: DrawnBox[] = [];
  private edges: DrawnEdge[] = [];
  private drawnFor = "";
  private width = 0;

  constructor(
    private readonly container: HTMLElement,
    private readonly rows: HTMLElement,
  ) {
    new ResizeObserver(() => {
      this.width = Math.floor(this.container.clientWidth);
    }).observe(container);
  }

  show(model: Model): void {
    const key = `${JSON.stringify(model.description)} ${this.width}`;
    if (this.width > 0 && key !== this.drawnFor) {
      this.draw(model);
      this.drawnFor = key;
    }
    for (const box of this.boxes) {
      showBox(box, model);
    }
    for (const edge of this.edges) {
      showEdge(edge, model);
    }
    this.showTable(model);
  }

  private draw(model: Model): void {
    const { width, height, boxes, edges } = layOut(model.description.routes, this.width);
    const picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": "Routes from the sensor through the modules to the cloud; the table below says the same",
    });
    const arrow = svg("path", { d: "M0 0L7 4L0 8Z", class: "arrow" });
    picture.append(
      svg(
        "defs",
        {},
        svg(
          "marker",
          {
            id: "arrow",
            viewBox: "0 0 7 8",
            refX: 1,
            refY: 4,
            markerWidth: 7,
            markerHeight: 8,
            markerUnits: "userSpaceOnUse",
            orient: "auto",
          },
          arrow,
        ),
      ),
    );
    this.edges = edges.map(drawEdge);
    this.boxes = boxes.map((box) => drawBox(box, model));
    picture.append(...this.edges.map(({ group }) => group), ...this.boxes.map(({ group }) => group));
    this.container.replaceChildren(picture);
    this.rows.replaceChildren();
  }

  private showTable({ description, totals, state }: Model): void {
    if (this.rows.children.length !== description.routes.length) {
      this.rows.replaceChildren(
        ...description.routes.map(({ name, from, to }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, name),
            h("td", {}, from),
            h("td", {}, to === CLOUD ? "cloud" : to),
            h("td", { class: "number" }),
            h("td", { class: "number" }),
          ),
        ),
      );
    }
    description.routes.forEach(({ name, to }, index) => {
      const cells = this.rows.children[index]?.children;
      const [messages, waiting] = [cells?.[3], cells?.[4]];
      if (messages !== undefined && waiting !== undefined) {
        setText(messages, count(totals?.byRoute[name] ?? 0));
        setText(waiting, count(state?.waiting[to] ?? 0));
      }
    });
  }
}

function drawBox(box: Box, { description: { roles } }: Model): DrawnBox {
  const x = box.x + box.width / 2;
  const middle = box.y + box.height / 2;
  const text = (line: number, className: string, content = ""): SVGTextElement =>
    svg("text", { x, y: middle + (line - 1) * 17 + 4, class: className, "text-anchor": "middle" }, content);
  const state = text(1, "box-state");
  const waiting = text(2, "box-waiting");
  const group = svg(
    "g",
    { class: "box", "data-id": box.id },
    svg("title", {}, box.id === CLOUD ? "IoT Hub" : box.id),
    svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 8 }),
    text(0, "box-title", titleOf(box.id, roles)),
    state,
    waiting,
  );
  return { box, group, state, waiting };
}

const STATES: Readonly<Record<StateEvent["modules"][string], string>> = {
  running: "● running",
  starting: "◌ starting",
  stopped: "■ stopped",
  failed: "✕ failed",
};

function showBox({ box, group, state, waiting }: DrawnBox, model: Model): void {
  const { roles } = model.description;
  const now = model.state;
  const moduleState = now?.modules[box.id];
  const [words, level] =
    box.id === CLOUD
      ? model.isCloudConnected
        ? ["● connected", "good"]
        : ["✕ cut off", "bad"]
      : box.id === roles.sensor && !model.isSensorRunning
        ? ["■ stopped", "warn"]
        : moduleState === undefined
          ? ["", "good"]
          : [STATES[moduleState], moduleState === "running" ? "good" : moduleState === "failed" ? "bad" : "warn"];
  const amount = Object.entries(now?.waiting ?? {})
    .filter(([endpoint]) => moduleOf(endpoint) === box.id)
    .reduce((sum, [, messages]) => sum + messages, 0);
  setText(state, words);
  setText(waiting, amount === 0 ? "" : `${count(amount)} waiting`);
  group.dataset.level = level;
}

function drawEdge(edge: Edge): DrawnEdge {
  const label = svg("text", {
    x: edge.labelX,
    y: edge.labelY,
    class: "edge-label",
    "text-anchor": edge.anchor,
  });
  const group = svg(
    "g",
    { class: "edge" },
    svg("title", {}, edge.routes.join(", ")),
    svg("path", { d: edge.path, class: "edge-line", "marker-end": "url(#arrow)" }),
    svg("path", { d: edge.path, class: "edge-flow" }),
    label,
  );
  return { edge, group, label, amount: 0, changedAt: -Infinity };
}

function showEdge(drawn: DrawnEdge, { totals, isCloudConnected }: Model): void {
  const { edge, group, label } = drawn;
  const amount = edge.routes.reduce((sum, route) => sum + (totals?.byRoute[route] ?? 0), 0);
  if (amount !== drawn.amount) {
    drawn.amount = amount;
    drawn.changedAt = performance.now();
  }
  const isCut = edge.to === CLOUD && !isCloudConnected;
  setText(label, isCut ? `✕ cut  ${count(amount)}` : count(amount));
  group.classList.toggle("flows", !isCut && performance.now() - drawn.changedAt < FLOW_MS);
  group.classList.toggle("cut", isCut);
}
