// The bytes of a converted body: a buffer that grows with what is written and is used again for the next body.

import { Output } from '../copy.ts'
import { varintSize, writeVarint } from '../protobuf.ts'

export class Writer {
  /** Where the next byte goes. */
  at = 0
  readonly #out = new Output()

  /** Starts anew; what was written before is gone. */
  begin(): void {
    this.#out.trim()
    this.at = 0
  }

  /** What was written. Valid until the next `begin`. */
  get written(): Uint8Array {
    return this.#out.bytes.subarray(0, this.at)
  }

  /** The same, from 0 to `at`; more may lie behind. */
  get view(): DataView {
    return this.#out.view
  }

  /** Takes back what was written from `at` on. */
  backTo(at: number): void {
    this.at = at
  }

  /** A tag below 128. */
  tag(tag: number): void {
    this.#room(1)
    this.#out.bytes[this.at++] = tag
  }

  varint(value: number): void {
    this.#room(10)
    if (value < 0x80) this.#out.bytes[this.at++] = value
    else this.at = writeVarint(this.#out.bytes, this.at, value)
  }

  copy(from: Uint8Array, view: DataView, start: number, end: number): void {
    this.#room(end - start)
    this.at = this.#out.copy(from, view, start, end, this.at)
  }

  /** A field of bytes, unless they are empty. */
  field(tag: number, from: Uint8Array, view: DataView, start: number, end: number): void {
    if (start === end) return
    this.tag(tag)
    this.varint(end - start)
    this.copy(from, view, start, end)
  }

  /** Two fields of bytes, 1 and 2, as a message; an empty one is left out. */
  pair(
    tag: number,
    from: Uint8Array,
    view: DataView,
    first: number,
    firstEnd: number,
    second: number,
    end: number,
  ): void {
    const firstSize = firstEnd - first
    const size = end - second
    if (firstSize === 0 || size === 0 || firstSize + size > 0x7f - 4) {
      this.tag(tag)
      this.varint(fieldSize(firstSize) + fieldSize(size))
      this.field(0x0a, from, view, first, firstEnd)
      this.field(0x12, from, view, second, end)
      return
    }
    this.#room(firstSize + size + 6)
    const out = this.#out
    const { bytes } = out
    let p = this.at
    bytes[p++] = tag
    bytes[p++] = firstSize + size + 4
    bytes[p++] = 0x0a
    bytes[p++] = firstSize
    p = out.copy(from, view, first, firstEnd, p)
    bytes[p++] = 0x12
    bytes[p++] = size
    this.at = out.copy(from, view, second, end, p)
  }

  /** Begins a message of a size not known yet; give the result to `close`. */
  open(tag: number): number {
    this.tag(tag)
    this.tag(0)
    return this.at
  }

  /** Ends the message that began at `content`. */
  close(content: number): void {
    const size = this.at - content
    if (size < 0x80) {
      this.#out.bytes[content - 1] = size
      return
    }
    const width = varintSize(size)
    this.#room(width)
    this.#out.bytes.copyWithin(content - 1 + width, content, this.at)
    writeVarint(this.#out.bytes, content - 1, size)
    this.at += width - 1
  }

  #room(size: number): void {
    this.#out.grow(this.at, size)
  }
}

/** What a field of so many bytes takes; nothing if it is empty. */
const fieldSize = (size: number): number => (size === 0 ? 0 : 1 + varintSize(size) + size)
