import { createWriteStream, type WriteStream } from "node:fs";
import type { QueuedMessage } from "../edge-hub/queued-message";
import type { CloudEvent } from "../events";

export interface RecordedCloudOptions {
  /** Modules whose messages the hub takes for anomalies. */
  readonly anomalyModules: readonly string[];
  /** File that every message is appended to, one JSON object a line. @default - none */
  readonly file?: string;
  readonly onReceived?: (event: CloudEvent, message: QueuedMessage) => void;
}

/**
 * The hub in the cloud, as a device sees it: it takes messages or is not there. What it takes is counted and written down.
 * A message that comes again, as after a kill of the edge hub, is counted as a repetition.
 */
export class RecordedCloud {
  public isConnected = true;
  public received = 0;
  public repeated = 0;
  public bytes = 0;
  private readonly known = new Set<string>();
  private readonly stream: WriteStream | undefined;

  public constructor(private readonly options: RecordedCloudOptions) {
    this.stream = options.file === undefined ? undefined : createWriteStream(options.file, { flags: "a" });
  }

  /** Takes a message; false where the cloud cannot be reached. */
  public take(message: QueuedMessage): boolean {
    if (!this.isConnected) return false;
    if (this.known.has(message.id)) {
      this.repeated += 1;
      return true;
    }
    this.known.add(message.id);
    if (this.known.size > KNOWN) this.known.delete(this.known.values().next().value ?? "");
    this.received += 1;
    this.bytes += message.body.length;
    const module = message.systemProperties.connectionModuleId;
    const event: CloudEvent = {
      kind: "cloud",
      time: Date.now(),
      messageId: message.id,
      type: module !== undefined && this.options.anomalyModules.includes(module) ? "anomaly" : "telemetry",
      bytes: message.body.length,
    };
    const { body, ...rest } = message;
    this.stream?.write(`${JSON.stringify({ ...rest, body: body.toString() })}\n`);
    this.options.onReceived?.(event, message);
    return true;
  }

  public async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.stream === undefined) resolve();
      else this.stream.end(resolve);
    });
  }
}

/** Ids by which repetitions are found: far more than are ever under way. */
const KNOWN = 100_000;
