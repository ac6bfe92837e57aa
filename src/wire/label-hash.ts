// FNV-1a over bytes: spreads series over lanes. It decides nothing that a hostile choice of labels could harm but the
// sharer's own speed.

export const hashStart: number = 0x811c9dc5 | 0

/** From a hash on; a signed number of 32 bits, since others would not fit in a register. */
export function hashBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = hash
  for (let p = start; p < end; p++) mixed = Math.imul(mixed ^ bytes[p]!, 0x01000193)
  return mixed
}

/** The same of one byte. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}

/** The same of a number below 2^32, as the bytes that it takes as a varint. */
export function hashVarint(hash: number, value: number): number {
  let mixed = hash
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) mixed = hashByte(mixed, (rest & 0x7f) | 0x80)
  return hashByte(mixed, rest)
}
