import "uplot/dist/uPlot.min.css";
import "../styles/base.css";
import "../styles/controls.css";
import "../styles/charts.css";
import "../styles/alerts.css";
import "../styles/routes.css";
import "../styles/table.css";
import "../styles/screens.css";
import type { Description } from "../../src/server/frames";
import { AlertList } from "./alerts";
import { Announcer } from "./announcer";
import { Charts } from "./charts";
import { connect } from "./connection";
import { Controls } from "./controls";
import { Diagram } from "./diagram";
import { byId, h, setText } from "./dom";
import { count, plural } from "./format";
import { Health } from "./health";
import { Model } from "./model";
import { Numbers } from "./numbers";

/** Milliseconds between changes of what passes by itself: ages, the right edge of the charts. */
const TICK_MS = 500;

const health = new Health(byId("health", HTMLUListElement));
const numbers = new Numbers(byId("numbers", HTMLDListElement));
const charts = new Charts(
  byId("charts", HTMLDivElement),
  byId("machine", HTMLSelectElement),
  byId("window", HTMLSelectElement),
);
const alerts = new AlertList(byId("alerts-list", HTMLOListElement), byId("alerts-count", HTMLParagraphElement));
const diagram = new Diagram(byId("diagram", HTMLDivElement), byId("routes-rows", HTMLTableSectionElement));
const controls = new Controls(
  byId("controls", HTMLDivElement),
  byId("outcome", HTMLParagraphElement),
  byId("shortcuts", HTMLInputElement),
  () => charts.machineId,
);
const announcer = new Announcer(byId("announcer", HTMLParagraphElement));
const notice = byId("notice", HTMLParagraphElement);

let model: Model | undefined;
let isPlanned = false;

/** All views once per picture of the screen, however many frames arrived. */
function show(): void {
  if (isPlanned) {
    return;
  }
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    if (model !== undefined) {
      for (const view of [health, numbers, charts, alerts, diagram, controls]) {
        view.show(model);
      }
    }
  });
}

function subjectOf({ environment, deviceId, speed = 1 }: Description): string {
  const lapse = speed > 1 ? [`${count(speed)} times as fast`] : [];
  return [`Environment ${environment}`, `device ${deviceId}`, ...lapse].join(" · ");
}

function tell(sentence: string | undefined): void {
  notice.hidden = sentence === undefined;
  setText(notice, sentence ?? "");
}

let noticeTimer: number | undefined;

connect({
  hello: ({ description }) => {
    model = new Model(description);
    charts.reset();
    charts.start(model);
    alerts.reset();
    setText(byId("subject", HTMLParagraphElement), subjectOf(description));
    byId("notes", HTMLUListElement).replaceChildren(...(description.notes ?? []).map((note) => h("li", {}, note)));
    document.title = `Rehearsal of ${description.environment}`;
    tell(undefined);
    document.body.dataset.connection = "open";
  },
  history: (frame) => {
    model?.add(frame);
    show();
  },
  frame: (frame) => {
    if (model === undefined) {
      return;
    }
    const wasConnected = model.isCloudConnected;
    announcer.alerts(model.add(frame));
    if (wasConnected !== model.isCloudConnected) {
      announcer.say(model.isCloudConnected ? "Connected to the cloud." : "The connection to the cloud is cut.");
    }
    show();
  },
  skipped: ({ readings }) => {
    tell(`This page was too slow and skipped ${plural(readings, "reading")}. Alerts and numbers are complete.`);
    window.clearTimeout(noticeTimer);
    noticeTimer = window.setTimeout(() => {
      tell(undefined);
    }, 10_000);
  },
  lost: () => {
    document.body.dataset.connection = "lost";
    tell("No connection to the rehearsal. Is it still running? This page goes on trying.");
  },
  ended: () => {
    document.body.dataset.connection = "ended";
    tell("The rehearsal has ended. What you see is its last state.");
  },
});

window.setInterval(show, TICK_MS);
