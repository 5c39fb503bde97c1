import type { AlertEvent } from "../events";
import type { Label } from "./labels";

const DAY_MS = 86_400_000;

/**
 * Holds the alerts of one source against known failures. A failure is found by an alert that opens in it, or by an episode
 * that is open when it begins.
 */
export class FoundFailures {
  /** The alert that found each failure, milliseconds since 1970; undefined where none did. */
  public readonly firstAlerts: (number | undefined)[];
  public alerts = 0;
  /** Alerts that opened outside of all failures. */
  public outside = 0;
  /** Milliseconds that episodes outside of failures were open. */
  private outsideMs = 0;
  private readonly open = new Map<string, number>();

  public constructor(private readonly labels: readonly Label[]) {
    this.firstAlerts = labels.map(() => undefined);
  }

  public take({ phase, episodeId, time, source }: AlertEvent): void {
    if (phase === "opened") this.opened(time);
    // Rows of Stream Analytics are moments; episodes of the ML module last.
    if (source !== "detector" || this.labels.length === 0) return;
    if (phase === "opened") this.open.set(episodeId, time);
    if (phase === "closed") this.closed(this.open.get(episodeId), time);
    if (phase === "closed") this.open.delete(episodeId);
  }

  public get count(): number {
    return this.firstAlerts.filter((time) => time !== undefined).length;
  }

  /**
   * How many failures as many alerts of the same mean length would meet at random times, at their rate outside of failures:
   * one meets a failure where it opens in it, or before it by no more than its own length.
   *
   * @param days that the recording spans
   */
  public byChance(days: number): number {
    const rate = this.outside / (days * DAY_MS);
    const meanMs = this.outsideMs / Math.max(1, this.outside);
    return this.labels.reduce((sum, { from, to }) => sum + 1 - Math.exp(-rate * (to - from + meanMs)), 0);
  }

  private opened(time: number): void {
    this.alerts += 1;
    this.labels.forEach(({ from, to }, index) => {
      if (time >= from && time <= to) this.firstAlerts[index] ??= time;
    });
    if (!this.isInside(time)) this.outside += 1;
  }

  private isInside(time: number): boolean {
    return this.labels.some(({ from, to }) => time >= from && time <= to);
  }

  private closed(since: number | undefined, time: number): void {
    if (since === undefined) return;
    this.labels.forEach(({ from }, index) => {
      if (since < from && time >= from) this.firstAlerts[index] = since;
    });
    if (!this.isInside(since)) this.outsideMs += time - since;
  }
}
