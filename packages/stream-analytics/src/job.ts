import { type AnomalyModels } from "./anomaly-functions";
import { compileExpression } from "./compile-expression";
import { type EventOrder, EventSequence, type OrderCounts } from "./event-order";
import { parseQuery } from "./parse";
import { JobFailure, QueryError } from "./query-error";
import { type Evaluate } from "./scope";
import { type Row, SelectRunner } from "./select-runner";
import { type Select } from "./syntax";
import { toDate, toJson, type Value } from "./values";

export interface JobOptions {
  /** The text of the query. */
  readonly query: string;
  /** The anomaly functions. */
  readonly models: AnomalyModels;
  /** What happens to events out of order. @default - the defaults of a job */
  readonly order?: EventOrder;
}

/** What leaves the job: one row, as JSON. */
export interface OutputRow {
  readonly output: string;
  /** `System.Timestamp()` of the row, milliseconds since 1970. */
  readonly time: number;
  readonly body: Readonly<Record<string, Value>>;
}

/** Events that a job took in and dropped, or whose time it changed. */
export interface JobCounts extends OrderCounts {
  /** `TIMESTAMP BY` gave no time. */
  invalidTimestamp: number;
}

type Sink = (row: Row) => void;

interface Source {
  readonly input: string;
  readonly timestampBy: Evaluate | undefined;
  readonly sequence: EventSequence<Record<string, Value>>;
  readonly runner: SelectRunner;
  readonly sink: Sink;
}

/**
 * A Stream Analytics job that runs the query's own text, event by event.
 *
 * The times are the caller's (`arrival`, in milliseconds), so a recorded month runs as fast as it can be read and gives the
 * same rows each time.
 */
export class StreamAnalyticsJob {
  /** Names of the inputs that the query reads. */
  readonly inputs: readonly string[];
  /** Names of the outputs that it writes. */
  readonly outputs: readonly string[];
  /** Why the job has stopped, if it has. */
  failure: JobFailure | undefined;
  private readonly sources: readonly Source[];
  private readonly windows: { readonly runner: SelectRunner; readonly sink: Sink }[] = [];
  private rows: OutputRow[] = [];
  private invalidTimestamp = 0;

  /** @throws QueryError where the query is wrong, or has parts that are not evaluated */
  constructor({ query, models, order = {} }: JobOptions) {
    const { steps, outputs } = parseQuery(query);
    const sources: Source[] = [];
    const stepSinks = new Map<string, Sink[]>(steps.map(({ name }) => [name.toLowerCase(), []]));
    const known = new Set<string>();
    const connect = (select: Select, sink: Sink): void => {
      const runner = new SelectRunner(select, models);
      if (select.window !== undefined) this.windows.push({ runner, sink });
      const from = select.from.toLowerCase();
      const sinks = stepSinks.get(from);
      if (sinks === undefined) {
        const timestampBy = select.timestampBy && compileExpression(select.timestampBy, models);
        sources.push({ input: select.from, timestampBy, sequence: new EventSequence(order), runner, sink });
      } else if (!known.has(from)) {
        throw new QueryError(`the step ${select.from} is used before it is defined`, 1, 1);
      } else if (select.timestampBy !== undefined) {
        throw new QueryError(`TIMESTAMP BY belongs to an input; ${select.from} is a step`, 1, 1);
      } else {
        sinks.push((row) => {
          for (const result of runner.push(row)) sink(result);
        });
      }
    };
    for (const step of steps) {
      const sinks = stepSinks.get(step.name.toLowerCase()) ?? [];
      const toAll: Sink = (row) => {
        for (const sink of sinks) sink(row);
      };
      for (const select of step.union) connect(select, toAll);
      known.add(step.name.toLowerCase());
    }
    for (const select of outputs) {
      const output = select.into ?? "";
      connect(select, ({ record, time }) => {
        const body = Object.fromEntries(Object.entries(record).map(([name, value]) => [name, toJson(value)]));
        this.rows.push({ output, time, body });
      });
    }
    this.sources = sources;
    this.inputs = [...new Set(sources.map(({ input }) => input))];
    this.outputs = [...new Set(outputs.map(({ into = "" }) => into))];
  }

  /**
   * Takes one event and returns the rows that are certain now. An input that the query does not read is ignored, and a job
   * that has failed gives nothing.
   *
   * @param arrival when the event reached the job, milliseconds since 1970
   * @throws JobFailure when the event stops the job, as a failed CAST does
   */
  push(input: string, event: Readonly<Record<string, Value>>, arrival: number): OutputRow[] {
    return this.run(() => {
      const name = input.toLowerCase();
      for (const source of this.sources) {
        if (source.input.toLowerCase() !== name) continue;
        const time = this.timeOf(source, event, arrival);
        if (time === undefined) continue;
        this.feed(source, source.sequence.push(event, time, arrival));
      }
    });
  }

  /** Lets time pass without an event: ends windows, and releases events that waited for earlier ones. */
  advance(arrival: number): OutputRow[] {
    return this.run(() => {
      for (const source of this.sources) this.feed(source, source.sequence.advance(arrival));
      const watermark = Math.min(...this.sources.map(({ sequence }) => sequence.watermark));
      for (const { runner, sink } of this.windows) for (const row of runner.advance(watermark)) sink(row);
    });
  }

  get counts(): JobCounts {
    const sum = (name: keyof OrderCounts): number =>
      this.sources.reduce((total, { sequence }) => total + sequence.counts[name], 0);
    return {
      adjusted: sum("adjusted"),
      droppedLate: sum("droppedLate"),
      droppedEarly: sum("droppedEarly"),
      invalidTimestamp: this.invalidTimestamp,
    };
  }

  private run(work: () => void): OutputRow[] {
    if (this.failure !== undefined) return [];
    this.rows = [];
    try {
      work();
    } catch (error) {
      if (error instanceof JobFailure) this.failure = error;
      throw error;
    }
    return this.rows;
  }

  private feed(
    source: Source,
    events: readonly { readonly time: number; readonly value: Record<string, Value> }[],
  ): void {
    for (const { time, value } of events) {
      for (const row of source.runner.push({ record: value, time })) source.sink(row);
    }
  }

  private timeOf({ timestampBy }: Source, event: Readonly<Record<string, Value>>, arrival: number): number | undefined {
    if (timestampBy === undefined) return arrival;
    const value = timestampBy({ record: event, time: arrival });
    const date = typeof value === "string" ? toDate(value) : value instanceof Date ? value : undefined;
    if (date === undefined) this.invalidTimestamp++;
    return date?.getTime();
  }
}
