// The order of texts as bytes, which is that of Go and of Prometheus; JavaScript's is that of UTF-16.

/** Compares as the UTF-8 bytes would: characters above U+FFFF come after all others. */
export function byBytes(a: string, b: string): number {
  const size = Math.min(a.length, b.length)
  for (let k = 0; k < size; k++) {
    const x = a.charCodeAt(k)
    const y = b.charCodeAt(k)
    if (x !== y) return aboveSurrogates(x) - aboveSurrogates(y)
  }
  return a.length - b.length
}

function aboveSurrogates(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
