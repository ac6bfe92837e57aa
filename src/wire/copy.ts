// Copies ranges between bodies. Short ones go sixteen bytes at a time through a DataView, since the view object that
// `set(subarray)` needs costs more than the copy itself (measured: about 2 to 1 at 200 bytes).

import { release } from './release.ts'

const short = 320
/** Bytes of room kept between bodies. */
const kept = 8 << 20

/** A growing output buffer that one gather fills and the next one reuses. */
export class Output {
  bytes: Uint8Array = new Uint8Array(1 << 16)
  view: DataView = new DataView(this.bytes.buffer)
  #beside = new ArrayBuffer(0)
  #next: Output | undefined

  /** Another one, for what is made of what this one holds, and goes with it. */
  get next(): Output {
    return (this.#next ??= new Output())
  }

  /** Makes room for `size` bytes; what was there is gone. */
  reserve(size: number): void {
    if (size > this.bytes.length) this.#resize(2 ** Math.ceil(Math.log2(size)))
  }

  /** Makes room for `size` more bytes behind `at`; what stands before `at` stays. */
  grow(at: number, size: number): void {
    if (at + size <= this.bytes.length) return
    const old = this.bytes
    const wide = new Uint8Array(2 ** Math.ceil(Math.log2(at + size)))
    wide.set(old.subarray(0, at))
    this.bytes = wide
    this.view = new DataView(wide.buffer)
    release(old)
  }

  /** Gives back the room that giant bodies took; what was there is gone. */
  trim(): void {
    if (this.bytes.length > kept) this.#resize(1 << 16)
    if (this.#beside.byteLength > kept) this.#beside = new ArrayBuffer(0)
    this.#next?.trim()
  }

  /**
   * At least `size` bytes beside the output, all zero, for tables of what it holds; what was in them is gone. Tables that
   * every body had of its own would live until it is answered, and make the collector go through the whole heap for them.
   */
  beside(size: number): ArrayBuffer {
    if (this.#beside.byteLength < size) this.#beside = new ArrayBuffer(2 ** Math.ceil(Math.log2(size)))
    else new Uint8Array(this.#beside, 0, size).fill(0)
    return this.#beside
  }

  #resize(length: number): void {
    release(this.bytes)
    this.bytes = new Uint8Array(length)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Copies `from[start … end)` to `at`; returns where it ended. Room must have been reserved. */
  copy(from: Uint8Array, fromView: DataView, start: number, end: number, at: number): number {
    const size = end - start
    if (size > short) {
      this.bytes.set(from.subarray(start, end), at)
      return at + size
    }
    const view = this.view
    const whole = end - (size & 3)
    let p = start
    let q = at
    for (const last = end - 15; p < last; p += 16, q += 16) {
      view.setInt32(q, fromView.getInt32(p, true), true)
      view.setInt32(q + 4, fromView.getInt32(p + 4, true), true)
      view.setInt32(q + 8, fromView.getInt32(p + 8, true), true)
      view.setInt32(q + 12, fromView.getInt32(p + 12, true), true)
    }
    for (; p < whole; p += 4, q += 4) view.setInt32(q, fromView.getInt32(p, true), true)
    for (; p < end; p++, q++) this.bytes[q] = from[p]!
    return q
  }
}

const joined = new Output()

/** These one behind the other; one alone as it is. The result is valid until the next call. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  let size = 0
  for (const chunk of chunks) size += chunk.length
  joined.trim()
  joined.reserve(size)
  let at = 0
  for (const chunk of chunks) {
    joined.bytes.set(chunk, at)
    at += chunk.length
  }
  return joined.bytes.subarray(0, at)
}

/** A DataView over the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
