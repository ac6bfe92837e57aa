// UTF-8 read as Go reads it: byte by byte where it is broken, not by whole broken sequences as TextDecoder does.

/** `broken` gives what stands for a byte that is not part of a well-formed sequence. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array, broken: (byte: number) => string): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      parts.push(decoder.decode(bytes.subarray(from, at)), broken(bytes[at] as number))
      from = at + 1
    }
    at += length || 1
  }
  return parts.join('') + decoder.decode(bytes.subarray(from))
}

/** Length of the well-formed UTF-8 sequence at an offset; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] as number
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0
  return (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f) ? 0 : length
}
