// Reads what remote write carries, for people: the values that everything else only moves. Both forms have the same
// samples and histograms; metadata is a family's in 1.0, a series' in 2.0.

import type { Batch, Range } from '../../../../wire/batch.ts'
import { cursor, readLength, readSigned, readTag, readVarint, skipValue } from '../../../../wire/protobuf.ts'
import { HISTOGRAM, SAMPLE } from '../../../../wire/v1/shapes.ts'
import { symbolOf } from '../../../../wire/v2/labels.ts'
import { metadataOf } from '../../../../wire/v2/metadata.ts'
import { HISTOGRAMS, SAMPLES } from '../../../../wire/v2/shapes.ts'

const decoder = new TextDecoder()

export interface ShownSample {
  readonly value: number
  readonly timeMs: number
}

/** A native histogram without its buckets. */
export interface ShownHistogram {
  readonly count: number
  readonly sum: number
  readonly timeMs: number
}

export interface ShownMetadata {
  readonly family: string
  /** As in the protocol: 1 counter, 2 gauge … */
  readonly type: number
  readonly help: string
}

/** Tags: field number × 8 + wire type. */
const tagsOf = {
  'remote-write-1': { sample: SAMPLE, histogram: HISTOGRAM },
  'remote-write-2': { sample: SAMPLES, histogram: HISTOGRAMS },
} as const
const sampleTags = { value: 0x09, time: 0x10 }
const histogramTags = { count: 0x08, floatCount: 0x11, sum: 0x19, time: 0x78 }
const metadataTags = { type: 0x08, family: 0x12, help: 0x22 }

/** Samples and histograms of item i, which is not malformed. */
export function readSamples(
  batch: Batch,
  i: number,
): {
  readonly samples: readonly ShownSample[]
  readonly histograms: readonly ShownHistogram[]
} {
  const { bytes, codec } = batch
  const tags = tagsOf[codec.protocol as keyof typeof tagsOf]
  const samples: ShownSample[] = []
  const histograms: ShownHistogram[] = []
  eachField(bytes, { start: batch.start[i]!, end: batch.end[i]! }, (tag, inner) => {
    if (tag === tags.sample) samples.push(readSample(bytes, inner))
    if (tag === tags.histogram) histograms.push(readHistogram(bytes, inner))
  })
  return { samples, histograms }
}

export function readMetadata(batch: Batch): ShownMetadata[] {
  const { bytes, metadata } = batch
  if (batch.codec.protocol === 'remote-write-2') return readSeriesMetadata(batch)
  return metadata.map((record) => {
    const found = { family: '', type: 0, help: '' }
    eachField(bytes, record, (tag, { start, end }) => {
      if (tag === metadataTags.type) found.type = readVarint(bytes, start, end)
      if (tag === metadataTags.family) found.family = decoder.decode(bytes.subarray(start, end))
      if (tag === metadataTags.help) found.help = decoder.decode(bytes.subarray(start, end))
    })
    return found
  })
}

/** What series say of themselves, by their own names. */
function readSeriesMetadata(batch: Batch): ShownMetadata[] {
  const { bytes, count, nameStart, nameEnd } = batch
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const family = decoder.decode(bytes.subarray(nameStart[i]!, nameEnd[i]!))
    const said = batch.faults.has(i) || family === '' ? undefined : metadataOf(batch, i)
    if (said === undefined) return []
    return [{ family, type: said.type, help: decoder.decode(symbolOf(bytes, batch.symbols!, said.help)) }]
  })
}

function readSample(bytes: Uint8Array, range: Range): ShownSample {
  const sample = { value: 0, timeMs: 0 }
  eachOf(bytes, range, (tag, at) => {
    if (tag === sampleTags.value) sample.value = double(bytes, at.start)
    if (tag === sampleTags.time) sample.timeMs = readSigned(bytes, at.start, at.end)
  })
  return sample
}

function readHistogram(bytes: Uint8Array, range: Range): ShownHistogram {
  const histogram = { count: 0, sum: 0, timeMs: 0 }
  eachOf(bytes, range, (tag, { start, end }) => {
    if (tag === histogramTags.count) histogram.count = readVarint(bytes, start, end)
    if (tag === histogramTags.floatCount) histogram.count = double(bytes, start)
    if (tag === histogramTags.sum) histogram.sum = double(bytes, start)
    if (tag === histogramTags.time) histogram.timeMs = readSigned(bytes, start, end)
  })
  return histogram
}

const double = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at, true)

/** The fields of a message whose own field, tag and length included, is `range`. */
function eachField(bytes: Uint8Array, range: Range, use: (tag: number, content: Range) => void): void {
  readTag(bytes, range.start, range.end)
  const end = readLength(bytes, cursor.at, range.end)
  eachOf(bytes, { start: cursor.at, end }, use)
}

/** The fields of a message: tag, and the content without its length. */
function eachOf(bytes: Uint8Array, { start, end }: Range, use: (tag: number, content: Range) => void): void {
  for (let p = start; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag % 8 === 2) readLength(bytes, value, end)
    use(tag, { start: tag % 8 === 2 ? cursor.at : value, end: p })
  }
}
