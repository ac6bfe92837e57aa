// Whether bytes are the same, looked at where they lie: for short ranges, of which a view would cost more.

/** The bytes from `at` on begin with these. */
export function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let k = 0; k < wanted.length; k++) if (bytes[at + k] !== wanted[k]) return false
  return true
}

/** The `size` bytes at `a` and those at `b`. */
export function sameBytes(bytes: Uint8Array, a: number, b: number, size: number): boolean {
  for (let k = 0; k < size; k++) if (bytes[a + k] !== bytes[b + k]) return false
  return true
}
