import { methodCall } from "./topics";

/** What a module answered. */
export interface MethodResult {
  readonly status: number;
  readonly payload: unknown;
}

/** Direct methods that wait for their answers. */
export class Methods {
  private readonly calls = new Map<string, (result: MethodResult) => void>();
  private nextId = 1;

  /** @param send sends to a module; false where it is not connected */
  public constructor(private readonly send: (module: string, topic: string, body: string) => boolean) {}

  /**
   * Calls a method. The status is the module's own; 404 where it is not connected, 504 where it does not answer in time,
   * as the service side of IoT Hub says.
   */
  public call(module: string, name: string, payload: unknown, timeoutMs: number): Promise<MethodResult> {
    const id = String(this.nextId++);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        settle({ status: 504, payload: { message: `${module} did not answer ${name} within ${timeoutMs} ms` } });
      }, timeoutMs);
      const settle = (result: MethodResult): void => {
        clearTimeout(timer);
        this.calls.delete(id);
        resolve(result);
      };
      this.calls.set(id, settle);
      if (!this.send(module, methodCall(name, id), JSON.stringify(payload ?? null))) {
        settle({ status: 404, payload: { message: `${module} is not connected` } });
      }
    });
  }

  /** Takes an answer: topic `$iothub/methods/res/STATUS/?$rid=ID`. An answer that comes too late is dropped. */
  public answer(topic: string, body: string): void {
    const [, status = "", id = ""] = /^\$iothub\/methods\/res\/(\d+)\/\?\$rid=([^&]+)/.exec(topic) ?? [];
    this.calls.get(id)?.({ status: Number(status), payload: parse(body) });
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
