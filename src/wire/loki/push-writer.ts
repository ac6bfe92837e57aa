// Writes a Loki push as protobuf into one growing buffer, in the order in which its parts become known. A message whose
// length is not known yet gets a wide gap in front, which closes when the message ends.

import { SluiceError } from '../../errors.ts'
import { varintSize, writeVarint } from '../protobuf.ts'
import { utf8Size } from './quoted.ts'

/** Widest length: 5 bytes hold 2^35. */
const gap = 5
/** Room beyond the limit for what is asked for and not used: gaps, the widest varints, one escaped character. */
const slack = 64
const doubleQuote = 0x22
const backslash = 0x5c
const hex = '0123456789abcdef'
const named = new Map<number, string>([
  [7, 'a'],
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
])

export class PushWriter {
  bytes: Uint8Array
  at = 0
  readonly #limit: number

  /** Expects about `size` bytes, and takes no more memory than for `limit`: beyond it, DECOMPRESSED_TOO_LARGE. */
  constructor(size: number, limit: number) {
    this.bytes = new Uint8Array(Math.min(size, limit) + slack)
    this.#limit = limit
  }

  /** What was written. Throws DECOMPRESSED_TOO_LARGE if that is over the limit. */
  finish(): Uint8Array {
    if (this.at > this.#limit) throw this.#tooLarge()
    return this.bytes.subarray(0, this.at)
  }

  /** Makes room for `size` more bytes. */
  room(size: number): void {
    const needed = this.at + size
    if (needed <= this.bytes.length) return
    if (needed > this.#limit + slack) throw this.#tooLarge()
    const grown = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2), this.#limit + slack))
    grown.set(this.bytes.subarray(0, this.at))
    this.bytes = grown
  }

  /** Writes a varint below 2^53, or a negative number as int64 does. Room must be there: 10 bytes at most. */
  varint(value: number): void {
    if (value >= 0) {
      this.at = writeVarint(this.bytes, this.at, value)
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 127n) | 0x80
    this.bytes[this.at++] = Number(rest)
  }

  /** Begins a field with a length; `close` takes what this returns. */
  open(field: number): number {
    this.room(10 + gap)
    this.varint(field * 8 + 2)
    const start = this.at
    this.at += gap
    return start
  }

  close(start: number): void {
    const size = this.at - start - gap
    const width = varintSize(size)
    if (width < gap) this.bytes.copyWithin(start + width, start + gap, this.at)
    writeVarint(this.bytes, start, size)
    this.at = start + width + size
  }

  /** Writes a whole bytes field. */
  field(field: number, content: Uint8Array): void {
    this.room(20 + content.length)
    this.varint(field * 8 + 2)
    this.varint(content.length)
    this.bytes.set(content, this.at)
    this.at += content.length
  }

  /** Writes ASCII text. */
  ascii(text: string): void {
    this.room(text.length)
    for (let k = 0; k < text.length; k++) this.bytes[this.at++] = text.charCodeAt(k)
  }

  /** Writes text in double quotes as a label text has it: what is not UTF-8 becomes `\xff`, byte for byte. */
  quoted(text: Uint8Array): void {
    this.room(2)
    this.bytes[this.at++] = doubleQuote
    for (let p = 0; p < text.length; ) {
      this.room(8)
      const byte = text[p]!
      const size = utf8Size(text, p, text.length)
      if (byte === doubleQuote || byte === backslash) this.bytes[this.at++] = backslash
      if (size === 0 || byte < 0x20 || byte === 0x7f) {
        const name = named.get(byte)
        this.ascii(name === undefined ? `\\x${hex[byte >> 4]}${hex[byte & 15]}` : `\\${name}`)
        p++
        continue
      }
      for (const end = p + size; p < end; p++) this.bytes[this.at++] = text[p]!
    }
    this.room(1)
    this.bytes[this.at++] = doubleQuote
  }

  #tooLarge(): SluiceError {
    const text = `the JSON push takes over ${this.#limit} bytes as protobuf (receive.max_decompressed_size)`
    return new SluiceError('DECOMPRESSED_TOO_LARGE', text)
  }
}
