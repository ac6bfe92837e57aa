// A body again, its samples newer: what a real sender's next scrape brings. Prometheus takes, and sends on, nothing that
// is not newer than the last of its series and than its own start. Times are written over where they lie, so that
// series, values and the times' distances stay as they were.

import { snappyBlock } from '../src/dev/encode.ts'
import { ProtoReader } from '../src/dev/proto-reader.ts'

/** Bytes of a time between the years 1971 and 2109: all are written over in as many as they have. */
const size = 6

export class LaterBody {
  readonly #raw: Buffer
  /** Where each time lies, and what it is, in ms. */
  readonly #places: readonly { readonly at: number; readonly ms: number }[]
  readonly #oldestMs: number

  /** `raw`: an uncompressed remote write 1 body. Throws SluiceError BODY_CORRUPT, or an Error on times that have another length. */
  constructor(raw: Uint8Array) {
    this.#raw = Buffer.from(raw)
    this.#places = timesIn(this.#raw)
    this.#oldestMs = this.#places.reduce((oldest, { ms }) => Math.min(oldest, ms), Number.POSITIVE_INFINITY)
  }

  /** Its oldest sample is of `ms` now. Valid until the next call. */
  raw(ms: number): Buffer {
    for (const place of this.#places) writeTime(this.#raw, place.at, place.ms - this.#oldestMs + ms)
    return this.#raw
  }

  /** The same, compressed, to keep. */
  compressed(ms: number): Buffer {
    return snappyBlock(this.raw(ms))
  }
}

/** Field that holds the time, in a Sample and in a Histogram, by the field of the series that these are. */
const timeFields = new Map([
  [2, 2],
  [4, 15],
])

function timesIn(raw: Buffer): { at: number; ms: number }[] {
  const places: { at: number; ms: number }[] = []
  const noteTime = (bytes: Uint8Array): void => {
    if (bytes.length !== 1 + size) throw new Error(`a time in a body takes ${bytes.length - 1} bytes, not ${size}`)
    const at = bytes.byteOffset - raw.byteOffset + 1
    places.push({ at, ms: readTime(raw, at) })
  }
  const readSeries = (series: ProtoReader): void =>
    series.fields('TimeSeries', (field) => {
      const timeField = timeFields.get(field.number)
      if (timeField === undefined) return false
      series.message(field, 'Sample').fields('Sample', ({ number }, skipped) => {
        if (number !== timeField) return false
        noteTime(skipped())
        return true
      })
      return true
    })
  const request = new ProtoReader(raw)
  request.fields('WriteRequest', (field) => {
    if (field.number !== 1) return false
    readSeries(request.message(field, 'TimeSeries'))
    return true
  })
  return places
}

function readTime(raw: Buffer, at: number): number {
  let ms = 0
  for (let k = size - 1; k >= 0; k--) ms = ms * 128 + (raw[at + k]! & 127)
  return ms
}

function writeTime(raw: Buffer, at: number, ms: number): void {
  let rest = ms
  for (let k = 0; k < size; k++) {
    raw[at + k] = (rest % 128) | (k < size - 1 ? 128 : 0)
    rest = Math.floor(rest / 128)
  }
}
