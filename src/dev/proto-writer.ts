// Writes protobuf by hand into one growing buffer. A nested message is written in place and then moved by the
// width of its length, so nothing is copied twice. Fields of value zero are left out, as proto3 encoders do.

const text = new TextEncoder()

/** Grows as needed; `finish` may be called once. */
export class ProtoWriter {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Bytes that are complete fields already. */
  raw(bytes: Uint8Array): this {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** A varint field; negative numbers are written as int64 (ten bytes). */
  int64(field: number, value: number | bigint): this {
    if (BigInt(value) === 0n) return this
    this.#varint(field * 8)
    this.#varint(value)
    return this
  }

  /** A double from its number, or from its 64 bits (NaN payloads survive no other way). Minus zero is written. */
  double(field: number, value: number | bigint): this {
    if (typeof value === 'bigint' ? value === 0n : Object.is(value, 0)) return this
    this.#varint(field * 8 + 1)
    this.#room(8)
    if (typeof value === 'bigint') this.#view.setBigUint64(this.#length, value, true)
    else this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
    return this
  }

  /** A string or bytes field. */
  bytes(field: number, value: string | Uint8Array): this {
    if (value.length === 0) return this
    return this.message(field, () => {
      if (typeof value !== 'string') return this.raw(value)
      this.#room(value.length * 3)
      this.#length += text.encodeInto(value, this.#bytes.subarray(this.#length)).written
      return this
    })
  }

  /** A nested message, written by `content` with this same writer. Written even when empty. */
  message(field: number, content: () => unknown): this {
    this.#varint(field * 8 + 2)
    const start = this.#length
    content()
    const size = this.#length - start
    let width = 1
    for (let rest = size; rest > 127; rest = Math.floor(rest / 128)) width++
    // All the room that the length can need: growing below, at `start`, would lose the content.
    this.#room(10)
    this.#bytes.copyWithin(start + width, start, this.#length)
    this.#length = start
    this.#varint(size)
    this.#length += size
    return this
  }

  #varint(value: number | bigint): void {
    this.#room(10)
    if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) {
      let rest = value
      while (rest > 127) {
        this.#bytes[this.#length++] = (rest % 128) + 128
        rest = Math.floor(rest / 128)
      }
      this.#bytes[this.#length++] = rest
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.#bytes[this.#length++] = Number(rest & 127n) + 128
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
