import { JobFailure, StreamAnalyticsJob, type Value } from "@edge-anomaly-detection/stream-analytics";
import type { Credentials } from "../edge-hub/credentials";
import { isObject } from "../edge-hub/json";
import type { InputStreamAnalytics } from "../input";
import { anomalyModels } from "./anomaly-models";
import { ModuleClient } from "./module-client";

export interface StreamAnalyticsOptions {
  readonly settings: InputStreamAnalytics;
  readonly deviceId: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** When a message reaches the job, milliseconds since 1970, in the rehearsal's time. */
  readonly time: () => number;
  /** The job has stopped, as Stream Analytics stops a job whose query fails on an event. */
  readonly onFailure: (failure: JobFailure) => void;
}

/** Milliseconds after which time passes for a job that gets no events. */
const ADVANCE_MS = 1000;

/** The Stream Analytics job of a device as its module: reads its inputs, runs the query, sends rows as JSON arrays. */
export class StreamAnalyticsModule {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly job: StreamAnalyticsJob,
    private client: ModuleClient | undefined,
    private readonly options: StreamAnalyticsOptions,
  ) {}

  /** @throws QueryError where the query is wrong, or has parts that are not evaluated */
  public static async connect(options: StreamAnalyticsOptions): Promise<StreamAnalyticsModule> {
    const { settings, deviceId, port, credentials } = options;
    const job = new StreamAnalyticsJob({
      query: settings.query,
      models: anomalyModels,
      ...(settings.order !== undefined && { order: settings.order }),
    });
    const module = new StreamAnalyticsModule(job, undefined, options);
    // Messages come as soon as the client has subscribed, before `connect` has returned.
    const early: [string, Buffer][] = [];
    module.client = await ModuleClient.connect({
      identity: { deviceId, module: settings.jobName },
      port,
      credentials,
      onMessage: ({ input, body }) => {
        if (module.client === undefined) early.push([input, body]);
        else module.take(input, body);
      },
    });
    for (const [input, body] of early) module.take(input, body);
    module.timer = setInterval(() => {
      module.send(() => job.advance(options.time()));
    }, ADVANCE_MS);
    return module;
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    await this.client?.close();
  }

  private take(input: string, body: Buffer): void {
    const events = eventsOf(body);
    this.send(() => events.flatMap((event) => this.job.push(input, event, this.options.time())));
  }

  private send(run: () => ReturnType<StreamAnalyticsJob["push"]>): void {
    try {
      const byOutput = new Map<string, unknown[]>();
      for (const { output, body } of run()) byOutput.set(output, [...(byOutput.get(output) ?? []), body]);
      // Not waited for: the client keeps what the hub has not stored, and sends it again after a lost connection.
      for (const [output, rows] of byOutput) void this.client?.send(JSON.stringify(rows), output);
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      this.options.onFailure(error);
    }
  }
}

/** A message is one event, or an array of them; what is no JSON object the job drops. */
function eventsOf(body: Buffer): Readonly<Record<string, Value>>[] {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isObject) as Readonly<Record<string, Value>>[];
  } catch {
    return [];
  }
}
