// A hash of label bytes from a start that nobody outside knows, and their comparison: sixteen bytes at a time, since each
// turn of a loop costs as much as what it does.

const secret = crypto.getRandomValues(new Int32Array(5))
/** Odd, so that multiplying by it loses nothing. */
const factor = secret[4]! | 1

/** A signed number of 32 bits made of `[start … end)` of what the view shows, and of `variant`. */
export function seriesHash(view: DataView, start: number, end: number, variant: number): number {
  let a = secret[0]! ^ (end - start)
  let b = secret[1]! ^ variant
  let c = secret[2]!
  let d = secret[3]!
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
  b = Math.imul(b ^ c, factor)
  a = Math.imul(a ^ d, factor)
  b ^= b >>> 15
  a ^= a >>> 15
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
  for (const whole = size - 15; k < whole; k += 16) {
    const differs =
      (view.getInt32(a + k, true) ^ other.getInt32(b + k, true)) |
      (view.getInt32(a + k + 4, true) ^ other.getInt32(b + k + 4, true)) |
      (view.getInt32(a + k + 8, true) ^ other.getInt32(b + k + 8, true)) |
      (view.getInt32(a + k + 12, true) ^ other.getInt32(b + k + 12, true))
    if (differs !== 0) return false
  }
  for (; k < size; k++) if (view.getUint8(a + k) !== other.getUint8(b + k)) return false
  return true
}
