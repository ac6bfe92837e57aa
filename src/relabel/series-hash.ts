// A hash of label bytes from a start that nobody outside knows, eight bytes at a time, and their comparison.

const secret = crypto.getRandomValues(new Int32Array(3))
/** Odd, so that multiplying by it loses nothing. */
const factor = secret[2]! | 1

/** A signed number of 32 bits made of `[start … end)` of what the view shows, and of `variant`. */
export function seriesHash(view: DataView, start: number, end: number, variant: number): number {
  let a = secret[0]! ^ (end - start)
  let b = secret[1]! ^ variant
  let p = start
  for (const whole = end - 7; p < whole; p += 8) {
    a = Math.imul(a ^ view.getInt32(p, true), factor)
    b = Math.imul(b ^ view.getInt32(p + 4, true), factor)
    a ^= a >>> 15
    b ^= b >>> 15
  }
  for (; p < end; p++) {
    a = Math.imul(a ^ view.getUint8(p), factor)
    a ^= a >>> 15
  }
  const mixed = Math.imul(a ^ ((b << 16) | (b >>> 16)), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) | 0
}

/** `size` bytes at `a` of the one view and at `b` of the other are the same. */
export function equalBytes(view: DataView, a: number, other: DataView, b: number, size: number): boolean {
  let k = 0
  for (const whole = size - 3; k < whole; k += 4) {
    if (view.getInt32(a + k, true) !== other.getInt32(b + k, true)) return false
  }
  for (; k < size; k++) if (view.getUint8(a + k) !== other.getUint8(b + k)) return false
  return true
}
