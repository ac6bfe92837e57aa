// Writes protobuf piece by piece in any legal form, the usual one and the odd ones: padded varints, any field order.

/** All pieces one after the other. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const piece of pieces) size += piece.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** `value` (unsigned, below 2^64) as a varint with `padding` more bytes than it needs, at most `longest` in all. */
export function varint(value: number | bigint, padding = 0, longest = 10): Uint8Array {
  if (padding === 0 && typeof value === 'number' && value < 128) return Uint8Array.of(value)
  const out: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0n || out.length === 0; rest >>= 7n) out.push(Number(rest & 127n))
  for (let k = 0; k < padding && out.length < longest; k++) out.push(0)
  return Uint8Array.from(out, (byte, k) => (k < out.length - 1 ? byte | 0x80 : byte))
}

/** A field's tag; padded it still fits in five bytes. */
export function tag(number: number, type: number, padding = 0): Uint8Array {
  return varint(number * 8 + type, padding, 5)
}

export function lengthField(number: number, content: Uint8Array, tagPadding = 0, lengthPadding = 0): Uint8Array {
  return concat(tag(number, 2, tagPadding), varint(content.length, lengthPadding), content)
}

export function varintField(number: number, value: number | bigint, padding = 0): Uint8Array {
  return concat(tag(number, 0), varint(value, padding))
}

/** A field of 64 bits, given as they are. */
export function fixed64Field(number: number, bits: bigint): Uint8Array {
  const value = new Uint8Array(8)
  new DataView(value.buffer).setBigUint64(0, bits, true)
  return concat(tag(number, 1), value)
}

export function fixed32Field(number: number, bits: number): Uint8Array {
  const value = new Uint8Array(4)
  new DataView(value.buffer).setUint32(0, bits, true)
  return concat(tag(number, 5), value)
}

/** A group inside a group, `depth` deep, around `content`. */
export function group(number: number, depth: number, content: Uint8Array = new Uint8Array(0)): Uint8Array {
  const opening = Array.from({ length: depth }, () => tag(number, 3))
  const closing = Array.from({ length: depth }, () => tag(number, 4))
  return concat(...opening, content, ...closing)
}
