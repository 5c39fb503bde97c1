import type { Properties } from "./topics";

/** A message in the edge hub. */
export interface QueuedMessage extends Properties {
  /** The hub's own id of it, the same at every endpoint. */
  readonly id: string;
  /** Where it came from, `MODULE/OUTPUT`, or `leaf`. */
  readonly from: string;
  /** When the hub took it, milliseconds since 1970. */
  readonly time: number;
  readonly body: Buffer;
}

interface Header extends Properties {
  readonly id: string;
  readonly from: string;
  readonly time: number;
}

/** Bytes before the header: its length, and when the message expires. */
const PREFIX_BYTES = 12;

/** Length of the header, when it expires, the header as JSON, the body. */
export function encodeMessage(message: QueuedMessage, expiresAt: number): Buffer {
  const { body, id, from, time, properties, systemProperties } = message;
  const header = JSON.stringify({ id, from, time, properties, systemProperties } satisfies Header);
  const bytes = Buffer.byteLength(header);
  const value = Buffer.allocUnsafe(PREFIX_BYTES + bytes + body.length);
  value.writeUInt32LE(bytes, 0);
  value.writeDoubleLE(expiresAt, 4);
  value.write(header, PREFIX_BYTES);
  body.copy(value, PREFIX_BYTES + bytes);
  return value;
}

/** The same message with another time at which it expires. */
export function withExpiry(encoded: Buffer, expiresAt: number): Buffer {
  if (encoded.readDoubleLE(4) === expiresAt) return encoded;
  const value = Buffer.from(encoded);
  value.writeDoubleLE(expiresAt, 4);
  return value;
}

export function decodeMessage(value: Buffer): { readonly expiresAt: number; readonly message: QueuedMessage } {
  const body = PREFIX_BYTES + value.readUInt32LE(0);
  const header = JSON.parse(value.toString("utf8", PREFIX_BYTES, body)) as Header;
  return { expiresAt: value.readDoubleLE(4), message: { ...header, body: value.subarray(body) } };
}
