import { open } from "node:fs/promises";
import { parseReference } from "./reference";
import type { Reference } from "./watch";

/** What a model says of itself in its `metadata_props`. All of it may be absent. */
export interface ModelMetadata {
  /** Names of the signals, in the order of the input. */
  readonly signals?: readonly string[];
  readonly window?: number;
  readonly mean?: readonly number[];
  readonly scale?: readonly number[];
  readonly sampleSeconds?: number;
  /** Whether a high or a low score is anomalous. @default "higher" */
  readonly anomalous?: "higher" | "lower";
  /** What readings and scores were like in training. @default - drift is not watched */
  readonly reference?: Reference;
}

/** Keys of `metadata_props` that the module reads; all others are left alone. */
export const METADATA_KEYS = {
  signals: "detector.signals",
  window: "detector.window",
  mean: "detector.mean",
  scale: "detector.scale",
  sampleSeconds: "detector.sample_seconds",
  anomalous: "detector.anomalous",
  reference: "detector.reference",
} as const;

/** Field of onnx.ModelProto, and those of its StringStringEntryProto (onnx/onnx.proto3). */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;
const LENGTH_DELIMITED = 2;
/** A model's graph may have hundreds of megabytes; its texts have not. */
const MAX_ENTRY_BYTES = 64 * 1024;

/**
 * Reads a model's metadata without loading the model: onnxruntime-node does not give them. Only the top level of the
 * file's protobuf is walked, and everything but the entries themselves is skipped by its length.
 */
export async function readMetadata(path: string): Promise<ModelMetadata> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const entries = new Map<string, string>();
    let position = 0;
    while (position < size) {
      // A tag and a length have at most ten bytes each.
      const head = await read(position, 20);
      const tag = varint(head, 0);
      const [field, type] = [Math.floor(tag.value / 8), tag.value % 8];
      if (type === LENGTH_DELIMITED) {
        const length = varint(head, tag.next);
        const start = position + length.next;
        if (field === METADATA_PROPS && length.value <= MAX_ENTRY_BYTES) {
          addEntry(entries, await read(start, length.value));
        }
        position = start + length.value;
      } else if (type === 0) position += varint(head, tag.next).next;
      else if (type === 1) position += tag.next + 8;
      else if (type === 5) position += tag.next + 4;
      else throw new Error("it is no ONNX file");
    }
    return interpret(entries);
  } finally {
    await file.close();
  }
}

function varint(bytes: Buffer, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let factor = 1;
  for (let i = start; i < bytes.length && i < start + 10; i++) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, next: i + 1 };
    factor *= 128;
  }
  throw new Error("it is no ONNX file");
}

function addEntry(entries: Map<string, string>, bytes: Buffer): void {
  const texts: Record<number, string> = {};
  let position = 0;
  while (position < bytes.length) {
    const tag = varint(bytes, position);
    const length = varint(bytes, tag.next);
    texts[Math.floor(tag.value / 8)] = bytes.toString("utf8", length.next, length.next + length.value);
    position = length.next + length.value;
  }
  const key = texts[KEY];
  if (key !== undefined) entries.set(key, texts[VALUE] ?? "");
}

function interpret(entries: ReadonlyMap<string, string>): ModelMetadata {
  const numbers = (key: string): number[] | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const values = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (!values.every(Number.isFinite)) throw new Error(`its metadata ${key} is not numbers separated by commas`);
    return values;
  };
  const positive = (key: string): number | undefined => {
    const values = numbers(key);
    if (values === undefined) return undefined;
    const [value] = values;
    if (values.length !== 1 || value === undefined || value <= 0) {
      throw new Error(`its metadata ${key} is not one number above 0`);
    }
    return value;
  };
  const signals = entries
    .get(METADATA_KEYS.signals)
    ?.split(",")
    .map((name) => name.trim());
  const window = positive(METADATA_KEYS.window);
  const mean = numbers(METADATA_KEYS.mean);
  const scale = numbers(METADATA_KEYS.scale);
  if (scale?.some((value) => value <= 0) === true) {
    throw new Error(`its metadata ${METADATA_KEYS.scale} has a number that is not above 0`);
  }
  const sampleSeconds = positive(METADATA_KEYS.sampleSeconds);
  const anomalous = entries.get(METADATA_KEYS.anomalous);
  if (anomalous !== undefined && anomalous !== "higher" && anomalous !== "lower") {
    throw new Error(`its metadata ${METADATA_KEYS.anomalous} is neither higher nor lower`);
  }
  const text = entries.get(METADATA_KEYS.reference);
  const reference = text === undefined ? undefined : parseReference(text);
  if (text !== undefined && !reference) {
    throw new Error(
      `its metadata ${METADATA_KEYS.reference} is no JSON with edges, correlation and machines' shares of bins`,
    );
  }
  return {
    ...(signals && { signals }),
    ...(window !== undefined && { window }),
    ...(mean && { mean }),
    ...(scale && { scale }),
    ...(sampleSeconds !== undefined && { sampleSeconds }),
    ...(anomalous !== undefined && { anomalous }),
    ...(reference && { reference }),
  };
}

/** Whether a model fits the configured signals and window; returns what does not. */
export function misfits(metadata: ModelMetadata, signals: readonly string[], window: number): string[] {
  const wrong: string[] = [];
  if (metadata.signals && metadata.signals.join() !== signals.join()) {
    wrong.push(`it takes the signals ${metadata.signals.join(", ")}, not ${signals.join(", ")}`);
  }
  if (metadata.window !== undefined && metadata.window !== window) {
    wrong.push(`it takes a window of ${metadata.window}, not ${window}`);
  }
  for (const key of ["mean", "scale"] as const) {
    const values = metadata[key];
    if (values && values.length !== signals.length) {
      wrong.push(`its metadata ${METADATA_KEYS[key]} has ${values.length} numbers for ${signals.length} signals`);
    }
  }
  const { reference } = metadata;
  if (reference && reference.edges.length !== signals.length + 1) {
    wrong.push(
      `its metadata ${METADATA_KEYS.reference} is of ${reference.edges.length - 1} signals, not ${signals.length}`,
    );
  }
  return wrong;
}
