// A hash of bytes, four at a time: spreads series over lanes. It decides nothing that a hostile choice of labels could
// harm but the sharer's own speed. Its values mean something to this process alone.

export const hashStart: number = 0x811c9dc5 | 0

/**
 * From a hash on; a signed number of 32 bits, since others would not fit in a register. Equal bytes make equal hashes,
 * wherever they lie. Multiplying moves bits up only: what has moved there is folded down again.
 */
export function hashBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = hash ^ (end - start)
  let p = start
  for (const last = end - 3; p < last; p += 4) {
    const word = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
    mixed = Math.imul(mixed ^ word, 0x9e3779b1)
    mixed ^= mixed >>> 15
  }
  let rest = 0
  for (; p < end; p++) rest = (rest << 8) | bytes[p]!
  mixed = Math.imul(mixed ^ rest, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
