import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Description, Frame, Hello, Skipped } from "./frames";
import type { Recorder } from "./recorder";

export interface StreamOptions {
  /** Milliseconds between frames. @default 250 */
  readonly frameMs?: number;
  /** Bytes that may wait for one page; beyond them it skips frames. @default 4 MiB */
  readonly bufferBytes?: number;
  /** Pages at once. @default 16 */
  readonly pages?: number;
}

/** What the stream needs of a response: that a test can hold one back. */
export type Sink = Pick<ServerResponse, "write" | "end" | "writableLength" | "on">;

/** How long a stream may be silent, in frames, before it says that it is alive. */
const SILENT_FRAMES = 40;

/** Sends frames to pages as Server-Sent Events: `hello`, `history`, then `frame`, `skipped` and at last `ended`. */
export class Stream {
  private readonly run = randomUUID();
  private readonly pages = new Map<Sink, { frames: number; readings: number }>();
  private readonly options: Required<StreamOptions>;
  private readonly timer: NodeJS.Timeout;
  private silentFrames = 0;

  constructor(
    private readonly recorder: Recorder,
    private readonly description: Description,
    options: StreamOptions = {},
  ) {
    this.options = { frameMs: 250, bufferBytes: 4 * 1024 * 1024, pages: 16, ...options };
    this.timer = setInterval(() => {
      this.sendFrame();
    }, this.options.frameMs);
  }

  get isFull(): boolean {
    return this.pages.size >= this.options.pages;
  }

  join(page: Sink): void {
    const hello: Hello = { run: this.run, description: this.description };
    page.write(message("hello", hello));
    page.write(message("history", this.recorder.replay()));
    this.pages.set(page, { frames: 0, readings: 0 });
    page.on("close", () => this.pages.delete(page));
  }

  /** Sends what is left, says that this is the end, and ends all streams. */
  close(): void {
    clearInterval(this.timer);
    this.sendFrame();
    for (const page of this.pages.keys()) {
      page.end(message("ended", {}));
    }
    this.pages.clear();
  }

  private sendFrame(): void {
    const frame = this.recorder.takeFrame();
    this.silentFrames = frame === undefined ? this.silentFrames + 1 : 0;
    if (frame === undefined) {
      if (this.silentFrames % SILENT_FRAMES === 0) {
        this.each((page) => page.write(": alive\n\n"));
      }
      return;
    }
    const text = message("frame", frame);
    this.each((page, skipped) => {
      if (skipped.frames > 0) {
        page.write(message("skipped", { ...skipped } satisfies Skipped));
        page.write(message("frame", this.whole(frame)));
        skipped.frames = 0;
        skipped.readings = 0;
      } else {
        page.write(text);
      }
    }, frame);
  }

  /** The frame with all episodes and actions, for a page that missed some. */
  private whole(frame: Frame): Frame {
    const { episodes, actions } = this.recorder.replay();
    return { ...frame, episodes, actions };
  }

  private each(send: (page: Sink, skipped: { frames: number; readings: number }) => void, frame?: Frame): void {
    for (const [page, skipped] of this.pages) {
      if (page.writableLength < this.options.bufferBytes) {
        send(page, skipped);
      } else if (frame !== undefined) {
        skipped.frames += 1;
        skipped.readings += frame.readings.length;
      }
    }
  }
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
