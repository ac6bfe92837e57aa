// Snappy's block format read by the letter of its description, one byte at a time: what a block unpacks to, or where
// its first fault is. Slow; shares nothing with src/wire/snappy.ts.

export type Unpacked =
  | { readonly bytes: Uint8Array }
  /** Offset in the block of the element (or preamble byte) that is at fault; the block's length if it ends too early. */
  | { readonly faultAt: number }

/** Reads at most `maxBytes`; more counts as a fault of the preamble. */
export function unpack(block: Uint8Array, maxBytes: number): Unpacked {
  let claimed = 0
  let at = 0
  for (;;) {
    const byte = block[at]
    if (byte === undefined || at > 4 || (at === 4 && byte > 0x0f)) return { faultAt: at }
    claimed += (byte & 0x7f) * 128 ** at
    at++
    if (byte < 0x80) break
  }
  if (claimed > maxBytes) return { faultAt: 0 }
  const out: number[] = []
  while (at < block.length) {
    const element = at
    const tag = block[at++]!
    const little = (count: number): number => {
      let value = 0
      for (let k = 0; k < count; k++) value += (block[at + k] ?? Number.NaN) * 256 ** k
      at += count
      return value
    }
    if ((tag & 3) === 0) {
      const short = tag >> 2
      const length = (short < 60 ? short : little(short - 59)) + 1
      // NaN (a length that is cut off) fails the comparison too.
      if (!(length <= block.length - at) || out.length + length > claimed) return { faultAt: element }
      for (let k = 0; k < length; k++) out.push(block[at + k]!)
      at += length
      continue
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset = (tag & 3) === 1 ? (tag >> 5) * 256 + little(1) : little((tag & 3) === 2 ? 2 : 4)
    if (!(offset >= 1 && offset <= out.length) || out.length + length > claimed) return { faultAt: element }
    for (let k = 0; k < length; k++) out.push(out[out.length - offset]!)
  }
  return out.length === claimed ? { bytes: Uint8Array.from(out) } : { faultAt: at }
}
