// How series are found in the cache: a hash of their label bytes from seeds that nobody outside knows, and a comparison,
// sixteen bytes at a time, since each turn of a loop costs as much as what it does.

import { hashBytes } from '../wire/label-hash.ts'

const secret = crypto.getRandomValues(new Int32Array(5))
secret[4]! |= 1

/** A signed number of 32 bits made of `[start … end)` of what the view shows, and of `variant`. */
export function seriesHash(view: DataView, start: number, end: number, variant: number): number {
  return hashBytes(view, start, end, secret) ^ Math.imul(variant, 0x9e3779b1)
}

/**
 * `size` bytes at `a` of the one view and at `b` of the other are the same. Eight at a time as a double, which takes half
 * the loads; where that says nothing of bits (0 equals -0, and no NaN itself), as whole numbers.
 */
export function equalBytes(view: DataView, a: number, other: DataView, b: number, size: number): boolean {
  let k = 0
  for (const whole = size - 15; k < whole; k += 16) {
    const first = view.getFloat64(a + k, true)
    const second = view.getFloat64(a + k + 8, true)
    const isSame =
      first === other.getFloat64(b + k, true) &&
      second === other.getFloat64(b + k + 8, true) &&
      first !== 0 &&
      second !== 0
    if (!isSame && !equalWords(view, a + k, other, b + k, 16)) return false
  }
  return equalWords(view, a + k, other, b + k, size - k)
}

function equalWords(view: DataView, a: number, other: DataView, b: number, size: number): boolean {
  let k = 0
  for (const whole = size - 3; k < whole; k += 4) {
    if (view.getInt32(a + k, true) !== other.getInt32(b + k, true)) return false
  }
  for (; k < size; k++) if (view.getUint8(a + k) !== other.getUint8(b + k)) return false
  return true
}
