import type { HubOutage } from "./settings";
import type { OutageResult } from "./result";

/** What happens to a hub in a minute. */
export type HubEvent = "lost" | "withdrawn" | "back";

interface Running {
  readonly outage: HubOutage;
  begin?: number;
  disconnected: number;
  isBack: boolean;
  recoveredAfter?: number;
}

/** Says in each minute which hubs are lost, withdrawn from allocation and back. */
export class Outages {
  private readonly running: Running[];

  public constructor(outages: readonly HubOutage[]) {
    this.running = outages.map((outage) => ({ outage, disconnected: 0, isBack: false }));
  }

  /**
   * @param allConnected whether every device has been connected at some time
   * @param act carries an event out; returns the devices that lost their connection by it
   */
  public tick(minute: number, allConnected: boolean, act: (hub: number, event: HubEvent) => number): void {
    for (const one of this.running) {
      const { hub, from, minutes, withdrawnAfter } = one.outage;
      if (one.begin === undefined && (from === "allConnected" ? allConnected : minute >= from)) {
        one.begin = minute;
        one.disconnected = act(hub, "lost");
      }
      if (one.begin === undefined || one.isBack) {
        continue;
      }
      if (withdrawnAfter !== undefined && minute === one.begin + withdrawnAfter) {
        act(hub, "withdrawn");
      }
      if (minute >= one.begin + minutes) {
        one.isBack = true;
        act(hub, "back");
      }
    }
  }

  /** Every device is connected at the end of this minute. */
  public recovered(minute: number): void {
    for (const one of this.running) {
      if (one.begin !== undefined) {
        one.recoveredAfter ??= minute + 1 - one.begin;
      }
    }
  }

  /** Whether nothing is still to come. */
  public areOver(): boolean {
    return this.running.every(({ isBack }) => isBack);
  }

  public results(): OutageResult[] {
    return this.running.flatMap(({ outage, begin, disconnected, recoveredAfter }) =>
      begin === undefined
        ? []
        : [{ hub: outage.hub, from: begin, disconnected, ...(recoveredAfter !== undefined && { recoveredAfter }) }],
    );
  }
}
