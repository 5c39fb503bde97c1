import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { pipeline, Readable } from "node:stream";
import type { FaultLog } from "./faults";

const SAMPLE_BYTES = 65_536;

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** A file as text, piece by piece, without its byte order mark. */
export interface Text {
  readonly encoding: Encoding;
  readonly chunks: AsyncIterable<string>;
}

/** Opens a file that may be compressed with gzip, in the encoding that its first 64 KB show. */
export async function openText(file: string, faults: FaultLog): Promise<Text> {
  const bytes = bytesOf(file)[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size < SAMPLE_BYTES) {
    const next = await bytes.next();
    if (next.done === true) break;
    head.push(next.value);
    size += next.value.length;
  }
  const sample = Buffer.concat(head);
  const encoding = encodingOf(sample);
  return { encoding, chunks: decode(sample, bytes, encoding, faults) };
}

/** Read once and from its beginning to its end, so that it may be a pipe. */
async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: SAMPLE_BYTES })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await raw.next();
  if (first.done === true) return;
  const all = from(first.value, raw);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* all;
  // Errors of the file and of the compression reach whoever reads.
  else yield* pipeline(Readable.from(all), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
}

async function* from(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** A byte order mark decides; without one, every other byte of UTF-16 is zero, and what is no UTF-8 is Windows' own. */
export function encodingOf(sample: Buffer): Encoding {
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  let [even, odd] = [0, 0];
  for (let index = 0; index < Math.min(sample.length, 1000); index += 1) {
    if (sample[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const half = Math.min(sample.length, 1000) / 2;
  if (half > 0 && odd > half * 0.7) return "utf-16le";
  if (half > 0 && even > half * 0.7) return "utf-16be";
  try {
    // A character may be cut in two at the end of the sample.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}

async function* decode(
  head: Buffer,
  rest: AsyncIterator<Buffer>,
  encoding: Encoding,
  faults: FaultLog,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let line = 1;
  let bytes: Buffer | undefined = head;
  while (bytes !== undefined) {
    const text = decoder.decode(bytes, { stream: true });
    for (let at = text.indexOf("\uFFFD"); at !== -1; at = text.indexOf("\uFFFD", at + 1)) {
      faults.add("encoding", line + linesIn(text.slice(0, at)));
    }
    line += linesIn(text);
    if (text !== "") yield text;
    const next: IteratorResult<Buffer> = await rest.next();
    bytes = next.done === true ? undefined : next.value;
  }
  const last = decoder.decode();
  if (last !== "") {
    faults.add("encoding", line);
    yield last;
  }
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
