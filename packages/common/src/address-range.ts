/** An IPv4 range. */
export interface AddressRange {
  /** First address as a number. */
  readonly first: number;
  /** Length of the prefix, 0 to 32. */
  readonly length: number;
}

/** A range like `10.0.0.0/24`; undefined where it is none, or does not start at its first address. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [, ...numbers] = match ?? [];
  const [a = 256, b = 256, c = 256, d = 256, length = 33] = numbers.map(Number);
  if ([a, b, c, d].some((part) => part > 255) || length > 32) {
    return undefined;
  }
  const first = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  return first % sizeOf(length) === 0 ? { first, length } : undefined;
}

const sizeOf = (length: number): number => 2 ** (32 - length);

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return inner.first >= outer.first && inner.first + sizeOf(inner.length) <= outer.first + sizeOf(outer.length);
}

/** Whether two ranges have an address in common: of two ranges one then holds the other. */
export function overlap(one: AddressRange, other: AddressRange): boolean {
  return contains(one, other) || contains(other, one);
}

/** RFC 1918. */
const PRIVATE: readonly AddressRange[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap(
  (text) => parseRange(text) ?? [],
);

/** Whether all of a range is private. */
export const isPrivateRange = (range: AddressRange): boolean => PRIVATE.some((one) => contains(one, range));
