/** Numbers from 0 up to, not including, 1. */
export type Random = () => number;

/** The same seed gives the same numbers: George Marsaglia's xorshift with 32 bits. */
export function randomOf(seed: number): Random {
  let state = hash(seed) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** A whole number of 32 bits that looks like chance: the finalizer of MurmurHash3. */
export function hash(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
