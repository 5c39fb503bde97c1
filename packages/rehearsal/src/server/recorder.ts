import type { ReadingEvent, RehearsalEvent, StateEvent } from "../events";
import { Episodes } from "./episodes";
import type { Frame, PlacedAction, Totals } from "./frames";
import { thin } from "./thin";

export interface RecorderLimits {
  /** Readings that a page which joins late gets. @default 6000 */
  readonly history?: number;
  /** Readings in one frame, before they are thinned. @default 500 */
  readonly frame?: number;
  /** Episodes kept. @default 500 */
  readonly episodes?: number;
  /** Actions kept. @default 500 */
  readonly actions?: number;
}

/** The cloud, as the runtime's routes call it. */
const UPSTREAM = "$upstream";

/** Takes events in and gives out what a page shows of them. Its memory is bounded however much happens. */
export class Recorder {
  private readonly history: ReadingEvent[] = [];
  private readonly actions: PlacedAction[] = [];
  private readonly episodes: Episodes;
  private readonly limits: Required<RecorderLimits>;
  private readonly upstreamRoutes: ReadonlySet<string>;
  private state: StateEvent | undefined;
  private fresh: ReadingEvent[] = [];
  private freshActions: PlacedAction[] = [];
  private readingTime: number | undefined;
  private hasNews = false;
  private thinned = 0;
  private readonly totals = {
    messages: 0,
    forCloud: 0,
    byRoute: {} as Record<string, number>,
    cloud: { telemetry: 0, anomaly: 0, other: 0 },
    cloudBytes: 0,
    lost: {} as Record<string, number>,
  };

  constructor(routes: readonly { readonly name: string; readonly to: string }[], limits: RecorderLimits = {}) {
    this.limits = { history: 6000, frame: 500, episodes: 500, actions: 500, ...limits };
    this.episodes = new Episodes(this.limits.episodes);
    this.upstreamRoutes = new Set(routes.filter(({ to }) => to === UPSTREAM).map(({ name }) => name));
  }

  add(event: RehearsalEvent): void {
    this.hasNews = true;
    switch (event.kind) {
      case "reading":
        this.fresh.push(event);
        this.readingTime = Math.max(this.readingTime ?? event.time, event.time);
        if (this.fresh.length > 20 * this.limits.frame) {
          this.thinFresh();
        }
        break;
      case "routed":
        this.totals.messages += 1;
        this.totals.forCloud += event.routes.some((route) => this.upstreamRoutes.has(route)) ? 1 : 0;
        for (const route of event.routes) {
          this.totals.byRoute[route] = (this.totals.byRoute[route] ?? 0) + 1;
        }
        break;
      case "alert":
        this.episodes.alert(event);
        break;
      case "cloud":
        this.totals.cloud[event.type] += 1;
        this.totals.cloudBytes += event.bytes;
        // No telemetry carries an alert; there is much of it.
        if (event.type !== "telemetry") {
          this.episodes.settle(event.messageId, "cloud");
        }
        break;
      case "lost":
        this.totals.lost[event.reason] = (this.totals.lost[event.reason] ?? 0) + 1;
        this.episodes.settle(event.messageId, "lost");
        break;
      case "state":
        this.state = event;
        break;
      case "action":
        this.freshActions.push({ ...event, readingTime: this.readingTime ?? event.time });
        keepLast(this.freshActions, this.limits.actions);
        break;
    }
  }

  /** What happened since the last call; undefined where nothing did. */
  takeFrame(): Frame | undefined {
    if (!this.hasNews) {
      return undefined;
    }
    this.thinFresh();
    const frame = {
      readings: this.fresh,
      thinned: this.thinned,
      episodes: this.episodes.takeChanged(),
      actions: this.freshActions,
      ...this.current(),
    };
    this.history.push(...this.fresh);
    keepLast(this.history, this.limits.history);
    this.actions.push(...this.freshActions);
    keepLast(this.actions, this.limits.actions);
    this.fresh = [];
    this.freshActions = [];
    this.thinned = 0;
    this.hasNews = false;
    return frame;
  }

  /** Everything up to the last frame that was taken, as one frame. */
  replay(): Frame {
    return {
      readings: [...this.history],
      thinned: 0,
      episodes: this.episodes.all(),
      actions: [...this.actions],
      ...this.current(),
    };
  }

  private current(): { readonly state?: StateEvent; readonly totals: Totals } {
    return { ...(this.state === undefined ? {} : { state: this.state }), totals: structuredClone(this.totals) };
  }

  private thinFresh(): void {
    const before = this.fresh.length;
    this.fresh = [...thin(this.fresh, this.limits.frame)];
    this.thinned += before - this.fresh.length;
  }
}

function keepLast(list: unknown[], limit: number): void {
  if (list.length > limit) {
    list.splice(0, list.length - limit);
  }
}
