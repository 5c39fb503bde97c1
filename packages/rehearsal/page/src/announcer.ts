import type { Episode } from "../../src/server/frames";
import { plural } from "./format";

/** At most one announcement in this time: more would talk over the last one. */
const PAUSE_MS = 4000;

/** Reads out new alerts and changes of the cloud connection, several at once as one sentence. */
export class Announcer {
  private opened: Episode[] = [];
  private sentences: string[] = [];
  private timer: number | undefined;
  private spokeAt = -Infinity;

  constructor(private readonly region: HTMLElement) {}

  alerts(episodes: readonly Episode[]): void {
    this.opened.push(...episodes);
    this.soon();
  }

  say(sentence: string): void {
    this.sentences.push(sentence);
    this.soon();
  }

  private soon(): void {
    if (this.timer === undefined && this.opened.length + this.sentences.length > 0) {
      const wait = Math.max(300, this.spokeAt + PAUSE_MS - performance.now());
      this.timer = window.setTimeout(() => {
        this.speak();
      }, wait);
    }
  }

  private speak(): void {
    this.timer = undefined;
    this.spokeAt = performance.now();
    const [first] = this.opened;
    const about =
      first === undefined
        ? []
        : this.opened.length === 1
          ? [`Alert on ${first.machineId}: ${first.message}`]
          : [`${plural(this.opened.length, "new alert")}, the first on ${first.machineId}: ${first.message}`];
    this.region.textContent = [...this.sentences, ...about].join(" ");
    this.opened = [];
    this.sentences = [];
  }
}
