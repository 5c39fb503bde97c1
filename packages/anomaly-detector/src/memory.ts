import { totalmem } from "node:os";
import { MEMORY } from "@edge-anomaly-detection/detector-contract";
import { bytesPerMachine } from "./detection/size";

/** Bytes of a machine's place among the others, its id and the order of its messages. Measured by `npm run bench`. */
const PLACE_BYTES = 1024;

/** Bytes that the drift of a signal, or of scores, takes of a machine: counts in ten bins twice, and what models share. */
const DRIFT_BYTES = 170;
const AGREEMENT_BYTES = 600;

export function machineBytes(signals: number): number {
  return bytesPerMachine(signals) + PLACE_BYTES;
}

interface ModelSize {
  readonly window: number;
  /** Bytes of the file, where they are known. */
  readonly bytes?: number;
}

/** What a configuration needs of the container's memory, in bytes, at most. */
export interface MemoryNeed {
  readonly total: number;
  readonly machines: number;
  readonly models: number;
  readonly perMachine: number;
}

export function memoryOf(machines: number, signals: number, models: readonly (ModelSize | undefined)[]): MemoryNeed {
  const given = models.filter((model) => model !== undefined);
  const windows = given.reduce((sum, { window }) => sum + window * signals * Float32Array.BYTES_PER_ELEMENT, 0);
  const watched = given.length > 0 ? (signals + 1) * DRIFT_BYTES + AGREEMENT_BYTES : 0;
  const perMachine = machineBytes(signals) + windows + watched;
  const processes = given.reduce((sum, { bytes = 0 }) => sum + MEMORY.modelProcess + bytes * MEMORY.perModelByte, 0);
  const total = MEMORY.module + machines * perMachine + processes;
  return { total, machines: machines * perMachine, models: processes, perMachine };
}

/** Bytes that the file of one model may have besides a configuration's machines and its other model. */
export function allowedModelBytes(
  limit: number,
  machines: number,
  signals: number,
  models: readonly (ModelSize | undefined)[],
): number {
  const { total } = memoryOf(machines, signals, models);
  return Math.max(0, Math.floor((limit - total) / MEMORY.perModelByte));
}

/** Bytes of memory that this process may use: the container's limit, or the device's memory where there is none. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return constrained > 0 && constrained < total ? constrained : total;
}
