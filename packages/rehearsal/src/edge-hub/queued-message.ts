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
  readonly expiresAt: number;
}

/** Length of the header, the header as JSON, the body. */
export function encodeMessage(message: QueuedMessage, expiresAt: number): Buffer {
  const { body, id, from, time, properties, systemProperties } = message;
  const header = JSON.stringify({ id, from, time, expiresAt, properties, systemProperties } satisfies Header);
  const bytes = Buffer.byteLength(header);
  const value = Buffer.allocUnsafe(4 + bytes + body.length);
  value.writeUInt32LE(bytes, 0);
  value.write(header, 4);
  body.copy(value, 4 + bytes);
  return value;
}

export function decodeMessage(value: Buffer): { readonly expiresAt: number; readonly message: QueuedMessage } {
  const bytes = value.readUInt32LE(0);
  const { expiresAt, ...header } = JSON.parse(value.toString("utf8", 4, 4 + bytes)) as Header;
  return { expiresAt, message: { ...header, body: value.subarray(4 + bytes) } };
}
