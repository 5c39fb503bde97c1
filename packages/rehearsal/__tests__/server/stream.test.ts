import { EventEmitter } from "node:events";
import type { Frame, Hello, Skipped } from "../../src/server/frames";
import { Recorder } from "../../src/server/recorder";
import { type Sink, Stream } from "../../src/server/stream";
import { DESCRIPTION, ScriptedSource } from "./scripted-source";

/** A page whose reading can be held. */
class HeldPage extends EventEmitter {
  text = "";
  isHeld = false;
  private held = 0;

  get writableLength(): number {
    return this.held;
  }

  write(text: string): boolean {
    this.text += text;
    this.held += this.isHeld ? text.length : 0;
    return true;
  }

  end(text: string): void {
    this.text += text;
    this.emit("close");
  }

  release(): void {
    this.isHeld = false;
    this.held = 0;
  }

  messages(): { event: string; data: unknown }[] {
    return this.text
      .split("\n\n")
      .filter((part) => part.startsWith("event: "))
      .map((part) => {
        const [event = "", data = ""] = part.split("\n");
        return { event: event.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) as unknown };
      });
  }
}

describe("the stream of events", () => {
  const source = new ScriptedSource();
  let stream: Stream;
  let recorder: Recorder;
  let unsubscribe: () => void;

  beforeEach(() => {
    jest.useFakeTimers();
    recorder = new Recorder(DESCRIPTION.routes);
    stream = new Stream(recorder, DESCRIPTION, { frameMs: 250, bufferBytes: 50_000, pages: 2 });
    unsubscribe = source.subscribe((event) => {
      recorder.add(event);
    });
  });
  afterEach(() => {
    unsubscribe();
    stream.close();
    jest.useRealTimers();
  });

  function join(): HeldPage {
    const page = new HeldPage();
    stream.join(page as unknown as Sink);
    return page;
  }

  function pass(frames: number): void {
    for (let frame = 0; frame < frames; frame++) {
      source.step(Date.now());
      jest.advanceTimersByTime(250);
    }
  }

  it("gives every reading once to a page that joins late", () => {
    pass(10);
    source.step(Date.now());
    const page = join();
    pass(10);
    const messages = page.messages();
    expect(messages.slice(0, 2).map(({ event }) => event)).toEqual(["hello", "history"]);
    expect((messages[0]?.data as Hello).description).toEqual(DESCRIPTION);
    const readings = messages.slice(1).flatMap(({ data }) => (data as Frame).readings);
    expect(readings).toHaveLength(21 * 2);
    expect(new Set(readings.map(({ time, machineId }) => `${time} ${machineId}`)).size).toBe(20 * 2);
  });

  it("skips frames for a page that does not read, tells it, and then tells all alerts", () => {
    const [page, other] = [join(), join()];
    page.isHeld = true;
    source.act("spike", "press-01");
    pass(400);
    const held = page.writableLength;
    pass(400);
    expect(page.writableLength).toBe(held);
    expect(held).toBeLessThan(60_000);
    source.act("spike", "press-02");
    pass(4);
    page.release();
    pass(2);
    const messages = page.messages();
    const at = messages.findIndex(({ event }) => event === "skipped");
    const skipped = messages[at]?.data as Skipped;
    const got = messages.flatMap(({ event, data }) => (event === "frame" ? (data as Frame).readings : []));
    expect(got.length + skipped.readings).toBe(806 * 2);
    expect(messages.filter(({ event }) => event === "skipped")).toHaveLength(1);
    const whole = messages[at + 1]?.data as Frame;
    expect(whole.episodes.map(({ id }) => id)).toEqual(recorder.replay().episodes.map(({ id }) => id));
    expect(whole.episodes.length).toBeGreaterThan(2);
    expect(other.messages().some(({ event }) => event === "skipped")).toBe(false);
  });

  it("takes no more pages than it may, and forgets those that left", () => {
    const page = join();
    expect(stream.isFull).toBe(false);
    join();
    expect(stream.isFull).toBe(true);
    page.emit("close");
    expect(stream.isFull).toBe(false);
  });

  it("says that it is alive while nothing happens, and that it ends", () => {
    const page = join();
    jest.advanceTimersByTime(30_000);
    expect(page.text.match(/: alive/g)?.length).toBe(3);
    source.step(Date.now());
    stream.close();
    expect(page.messages().map(({ event }) => event)).toEqual(["hello", "history", "frame", "ended"]);
  });
});
