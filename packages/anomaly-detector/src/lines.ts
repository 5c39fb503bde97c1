import type { Readable } from "node:stream";

/** A line of a text: without its end (which the last one may lack), or only its number and length where it is longer than what is taken. */
export type Line =
  | { readonly ok: true; readonly number: number; readonly text: string; readonly isEnded: boolean }
  | { readonly ok: false; readonly number: number; readonly bytes: number };

const LF = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads lines of at most `maxBytes`. Of longer ones no more is kept than that: `readline` would gather a file without
 * line ends in memory. A byte order mark at the start, and a carriage return at the end of a line, are left out.
 */
export async function* readLines(input: Readable, maxBytes: number): AsyncGenerator<Line> {
  let number = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  const finish = (isEnded: boolean): Line => {
    number++;
    let line = Buffer.concat(parts);
    const length = bytes;
    parts = [];
    bytes = 0;
    if (length > maxBytes) return { ok: false, number, bytes: length };
    if (number === 1 && line.subarray(0, 3).equals(BYTE_ORDER_MARK)) line = line.subarray(3);
    if (line.at(-1) === 0x0d) line = line.subarray(0, -1);
    return { ok: true, number, text: line.toString("utf8"), isEnded };
  };
  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  for await (const chunk of input) {
    const buffer = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    let start = 0;
    for (let end = buffer.indexOf(LF); end >= 0; end = buffer.indexOf(LF, start)) {
      add(buffer.subarray(start, end));
      yield finish(true);
      start = end + 1;
    }
    if (start < buffer.length) add(buffer.subarray(start));
  }
  if (bytes > 0) yield finish(false);
}
