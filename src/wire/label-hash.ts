// A hash of bytes, sixteen at a time in four lanes: spreads series over queues' lanes, and finds them in caches. It
// decides nothing that a hostile choice of labels could harm but the chooser's own speed. Its values mean something to
// this process alone.

/** Where the four lanes begin, and an odd factor: multiplying by it loses nothing. */
export type HashSeeds = Int32Array

/** Seeds that anybody may know. */
export const plainSeeds: HashSeeds = Int32Array.of(0x811c9dc5, 0x27220a95, 0x7feb352d, 0x165667b1, 0x9e3779b1)

/**
 * A signed number of 32 bits, since others would not fit in a register, made of `[start … end)` of what the view shows.
 * Equal bytes make equal hashes, wherever they lie. Multiplying moves bits up only: what has moved there is folded down.
 */
export function hashBytes(view: DataView, start: number, end: number, seeds: HashSeeds): number {
  const factor = seeds[4]!
  let a = seeds[0]! ^ (end - start)
  let b = seeds[1]!
  let c = seeds[2]!
  let d = seeds[3]!
  let p = start
  for (const whole = end - 15; p < whole; p += 16) {
    a = Math.imul(a ^ view.getInt32(p, true), factor)
    b = Math.imul(b ^ view.getInt32(p + 4, true), factor)
    c = Math.imul(c ^ view.getInt32(p + 8, true), factor)
    d = Math.imul(d ^ view.getInt32(p + 12, true), factor)
    a ^= a >>> 15
    b ^= b >>> 15
    c ^= c >>> 15
    d ^= d >>> 15
  }
  for (const whole = end - 3; p < whole; p += 4) {
    a = Math.imul(a ^ view.getInt32(p, true), factor)
    a ^= a >>> 15
  }
  let rest = 0
  for (; p < end; p++) rest = (rest << 8) | view.getUint8(p)
  a = Math.imul(a ^ rest, factor)
  a = Math.imul((a ^ (a >>> 15)) + d, factor)
  b = Math.imul(b + c, factor)
  const mixed = Math.imul(a ^ (a >>> 13) ^ ((b << 16) | (b >>> 16)), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
