// Gives every log entry of a push the time at which it came. Labels, lines and all else go over byte for byte; times
// rise from entry to entry and from push to push, since two equal lines of one time are one to Loki.

import { type Batch, flag } from '../batch.ts'
import { Output, viewOf } from '../copy.ts'
import { contentAt, cursor, fieldSize, readTag, skipValue, writeVarint } from '../protobuf.ts'
import { entryTag, nanosTag, secondsTag, streamTag, timestampTag } from './shapes.ts'

/** Seconds fit in five bytes until the year 3058; nanoseconds take five with a zero in front. */
const timestampSize = 14
const billion = 1_000_000_000

export class Restamp {
  readonly #now: () => number
  readonly #output = new Output()
  /** Time of the latest entry, in ns. */
  #last = 0n
  #seconds = 0
  #nanos = 0

  /** `now`: ms since 1970; default Date.now. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** A batch of the same streams; faulty ones stay as they are. Its bytes are valid until the next call. */
  apply(batch: Batch): Batch {
    this.#begin()
    const out = this.#output
    out.trim()
    const { bytes, count, start, end, flags } = batch
    const view = viewOf(bytes)
    let at = 0
    const copy = (from: number, to: number): void => {
      out.grow(at, to - from)
      at = out.copy(bytes, view, from, to, at)
    }
    for (let i = 0; i < count; i++) {
      if (flags[i]! & flag.faulty) copy(start[i]!, end[i]!)
      else at = this.#stream(bytes, view, start[i]!, end[i]!, at)
    }
    for (const range of [...batch.metadata, ...batch.unknown]) copy(range.start, range.end)
    this.#last = BigInt(this.#seconds) * BigInt(billion) + BigInt(this.#nanos)
    return batch.codec.scan(out.bytes.subarray(0, at), batch.watch)
  }

  #begin(): void {
    const now = BigInt(Math.floor(this.#now() * 1000)) * 1000n
    const last = now > this.#last ? now - 1n : this.#last
    this.#seconds = Number(last / BigInt(billion))
    this.#nanos = Number(last % BigInt(billion))
  }

  /** Writes the stream whose field is `bytes[start … end)` at `to`; returns where it ended. */
  #stream(bytes: Uint8Array, view: DataView, start: number, end: number, to: number): number {
    const out = this.#output
    const inner = contentAt(bytes, start, end)
    let size = 0
    for (let p = inner; p < end; ) {
      const at = p
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      size += tag === entryTag ? fieldSize(restampedSize(bytes, at, p)) : p - at
    }
    out.grow(to, fieldSize(size))
    out.bytes[to] = streamTag
    let written = writeVarint(out.bytes, to + 1, size)
    for (let p = inner; p < end; ) {
      const at = p
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag === entryTag) written = this.#entry(bytes, view, at, p, written)
      else written = out.copy(bytes, view, at, p, written)
    }
    return written
  }

  #entry(bytes: Uint8Array, view: DataView, start: number, end: number, to: number): number {
    const out = this.#output
    out.bytes[to] = entryTag
    let at = writeVarint(out.bytes, to + 1, restampedSize(bytes, start, end))
    at = this.#timestamp(at)
    eachOther(bytes, start, end, (from, until) => {
      at = out.copy(bytes, view, from, until, at)
    })
    return at
  }

  /** The next time. */
  #timestamp(to: number): number {
    const { bytes } = this.#output
    this.#nanos++
    if (this.#nanos === billion) {
      this.#nanos = 0
      this.#seconds++
    }
    bytes[to] = timestampTag
    bytes[to + 1] = timestampSize - 2
    bytes[to + 2] = secondsTag
    wideVarint(bytes, to + 3, this.#seconds)
    bytes[to + 8] = nanosTag
    wideVarint(bytes, to + 9, this.#nanos)
    return to + timestampSize
  }
}

/** A varint of five bytes. */
function wideVarint(bytes: Uint8Array, at: number, value: number): void {
  let rest = value
  for (let k = 0; k < 4; k++) {
    bytes[at + k] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[at + 4] = rest
}

/** Of an entry's content with the new timestamp alone. */
function restampedSize(bytes: Uint8Array, start: number, end: number): number {
  let size = timestampSize
  eachOther(bytes, start, end, (from, until) => {
    size += until - from
  })
  return size
}

/** The fields of the entry whose own field is `bytes[start … end)`, without timestamps. */
function eachOther(bytes: Uint8Array, start: number, end: number, use: (from: number, until: number) => void): void {
  for (let p = contentAt(bytes, start, end); p < end; ) {
    const at = p
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag !== timestampTag) use(at, p)
  }
}
