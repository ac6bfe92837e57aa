// Puts other labels into streams: the label text is a new one, the hash of the old one goes, and entries and unknown
// fields go over byte for byte, in order.

import type { Batch } from '../batch.ts'
import type { Label, Rewriter } from '../codec.ts'
import type { Output } from '../copy.ts'
import { contentAt, cursor, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { Rewritten } from '../rewritten.ts'
import { HASH, LABELS, labelsTag, streamTag } from './shapes.ts'

const encoder = new TextEncoder()

/** Implements Codec.encodeLabels: a label text, `{app="web", zone="a"}`. */
export function encodeLabels(labels: readonly Label[]): Uint8Array {
  const pairs = labels.map(([name, value]) => `${/^[a-zA-Z_]\w*$/.test(name) ? name : quoted(name)}=${quoted(value)}`)
  return encoder.encode(`{${pairs.join(', ')}}`)
}

/** U+FFFD stands for itself only as an escape: read plainly, Loki takes it for bytes that are not UTF-8. */
function quoted(text: string): string {
  const escaped = text.replace(/[\0-\x1f"\\\x7f\ufffd]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}

/** Implements Rewriter. */
export class StreamRewriter implements Rewriter {
  readonly bytes: Uint8Array
  readonly view: DataView
  start = 0
  end = 0
  readonly #batch: Batch
  readonly #to: Rewritten
  #item = 0

  constructor(batch: Batch, output: Output) {
    this.#batch = batch
    this.#to = new Rewritten(batch, output)
    this.bytes = batch.bytes
    this.view = this.#to.view
  }

  locate(i: number): void {
    this.#item = i
    this.start = this.#batch.labelStart[i]!
    this.end = this.#batch.labelEnd[i]!
  }

  keep(): void {
    this.#to.keep(this.#item)
  }

  relabel(labels: Uint8Array, view: DataView, start: number, end: number): number {
    const to = this.#to
    let size = 1 + varintSize(end - start) + (end - start)
    this.#eachOther((at, next) => {
      size += next - at
    })
    to.begin(1 + varintSize(size) + size)
    const { bytes } = to.output
    bytes[to.at] = streamTag
    to.at = writeVarint(bytes, to.at + 1, size)
    bytes[to.at] = labelsTag
    to.at = writeVarint(bytes, to.at + 1, end - start)
    to.at = to.output.copy(labels, view, start, end, to.at)
    this.#eachOther((at, next) => to.copy(at, next))
    return end - start - (this.end - this.start)
  }

  finish(): Batch {
    const batch = this.#batch
    const body = this.#to.finish()
    return body === undefined ? batch : batch.codec.scan(body.bytes, batch.watch)
  }

  /** Goes through the stream's fields but for its label text, also one that a later one replaced, and the hash. */
  #eachOther(use: (at: number, next: number) => void): void {
    const { bytes, start, end } = this.#batch
    const stop = end[this.#item]!
    for (let p = contentAt(bytes, start[this.#item]!, stop); p < stop; ) {
      const at = p
      const tag = readTag(bytes, p, stop)
      p = skipValue(bytes, cursor.at, stop, tag)
      const field = Math.floor(tag / 8)
      if (field !== HASH && field !== LABELS) use(at, p)
    }
  }
}
