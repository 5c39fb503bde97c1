import type { Alert, Engine } from "./engine";
import type { MachineRecord, Machines } from "./machines";
import type { Reading } from "./message";
import { createOrder, placeOf, startFrom } from "./order";
import type { Prepared } from "./outcomes";

/** Follows a machine's id in the id of its backlog's lane; no machine's id contains it. */
const BACKLOG = "\u0001backlog";
/** Lanes at once, so that backlogs of many machines do not take the memory of twice as many. */
const MAX_LANES = 100;
/** Messages of a backlog in a row, and the time without a live one, after which the clock was set back. */
const SET_BACK_RUN = 10;
const SET_BACK_MS = 60_000;

/** Backlogs that machines deliver beside their live messages: each has a lane of its own in the engine. */
export class Backlogs {
  private lanes = 0;

  public constructor(
    private readonly engine: Engine,
    private readonly machines: Machines,
  ) {}

  /**
   * Places a message that is older than the newest. Its lane starts as a copy of what was learnt of the machine. Where
   * such messages go on and no live one comes any more, the clock was set back, and theirs is the time that counts.
   */
  public place(
    reading: Reading,
    record: MachineRecord,
    clockMs: number,
    windowMs: number,
    before: readonly Alert[],
  ): Prepared {
    const { machineId } = reading;
    const lane = `${machineId}${BACKLOG}`;
    let { backlog } = record;
    if (!backlog) {
      if (this.lanes >= MAX_LANES)
        return { kind: "rejected", reason: `more than ${MAX_LANES} machines deliver backlogs` };
      this.lanes++;
      this.engine.fork(machineId, lane);
      backlog = record.backlog = { order: createOrder(), clockMs, run: 0, liveClockMs: record.clockMs };
    }
    let place = placeOf(backlog.order, reading.timeMs, reading.values, windowMs);
    if (place.kind === "duplicate") return { kind: "skipped", reason: "duplicate", machineId };
    if (place.kind === "older") {
      startFrom(backlog.order, reading.timeMs);
      backlog.run = 0;
      place = placeOf(backlog.order, reading.timeMs, reading.values, windowMs);
    }
    const timeMs = place.kind === "inOrder" ? place.timeMs : reading.timeMs;
    backlog.clockMs = clockMs;
    backlog.run++;
    if (backlog.run >= SET_BACK_RUN && clockMs - backlog.liveClockMs >= SET_BACK_MS) {
      const ends = [...before, ...this.end(machineId, record)];
      startFrom(record.order, timeMs);
      this.machines.seen(machineId, record, clockMs);
      return { kind: "prepared", machineId, isBacklog: false, record, before: ends, reading: { ...reading, timeMs } };
    }
    return {
      kind: "prepared",
      machineId,
      isBacklog: true,
      record,
      before,
      reading: { ...reading, machineId: lane, timeMs },
      ...(timeMs !== reading.timeMs && { ownTimeMs: reading.timeMs }),
    };
  }

  /** Ends a machine's backlog, if it has one; returns the ends of its episodes. */
  public end(machineId: string, record: MachineRecord): Alert[] {
    if (!record.backlog) return [];
    const lane = `${machineId}${BACKLOG}`;
    const alerts = this.engine.close(lane, "ended").map((alert) => ({ ...alert, machineId }));
    this.engine.forget(lane);
    delete record.backlog;
    this.lanes--;
    return alerts;
  }
}
