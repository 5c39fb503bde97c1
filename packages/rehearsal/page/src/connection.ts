import type { Action } from "../../src/events";
import type { Frame, Hello, Skipped } from "../../src/server/frames";

export interface Listener {
  hello(hello: Hello): void;
  history(frame: Frame): void;
  frame(frame: Frame): void;
  skipped(skipped: Skipped): void;
  /** The server cannot be reached; the browser goes on trying. */
  lost(): void;
  ended(): void;
}

export function connect(listener: Listener): void {
  const source = new EventSource("/events");
  const on = (name: string, handle: (data: never) => void): void => {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      handle(JSON.parse(event.data) as never);
    });
  };
  let hasEnded = false;
  on("hello", (hello: Hello) => {
    hasEnded = false;
    listener.hello(hello);
  });
  on("history", (frame: Frame) => {
    listener.history(frame);
  });
  on("frame", (frame: Frame) => {
    listener.frame(frame);
  });
  on("skipped", (skipped: Skipped) => {
    listener.skipped(skipped);
  });
  // The browser goes on trying, and so finds the next rehearsal on the same port.
  on("ended", () => {
    hasEnded = true;
    listener.ended();
  });
  source.addEventListener("error", () => {
    if (!hasEnded) {
      listener.lost();
    }
  });
}

/** @throws with the server's sentence where it refuses */
export async function send(action: Action, machineId: string | undefined): Promise<void> {
  const response = await fetch("/actions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ action, ...(machineId === undefined ? {} : { machineId }) }),
  }).catch(() => undefined);
  if (response === undefined) {
    throw new Error("the rehearsal cannot be reached");
  }
  if (!response.ok) {
    const { error } = (await response.json()) as { error?: string };
    throw new Error(error ?? `answered ${response.status}`);
  }
}
