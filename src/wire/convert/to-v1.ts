// Remote write 2 as remote write 1: labels are written out, samples and histograms stay byte for byte, the metadata of
// series becomes that of their families. What 1 can't carry is counted.

import type { Batch } from '../batch.ts'
import { RESERVED_LABEL, watchLabels } from '../codec.ts'
import { viewOf } from '../copy.ts'
import { contentAt, corrupt, cursor, readTag, readVarint, skipValue } from '../protobuf.ts'
import { EXEMPLAR, HISTOGRAM, LABEL, SAMPLE, SERIES } from '../v1/shapes.ts'
import { remoteWrite2 } from '../v2/codec.ts'
import { LabelReader } from '../v2/label-reader.ts'
import { EXEMPLARS, HISTOGRAMS, LABELS, METADATA, ONE_LABEL, SAMPLES } from '../v2/shapes.ts'
import { FamilyCollector } from './families.ts'
import { copyCommon, copyCommonFields, type Passage } from './known-fields.ts'
import { type Converted, nothingLost } from './lost.ts'
import { countFields } from './unknown.ts'
import { Writer } from './writer.ts'

const sample = { last: 2, start: 3 }
const histogram = { last: 16, start: 17 }
/** Field 6 of a series, a varint: the start timestamp in early 2.0; 0 is none. */
const seriesStart = 0x30
const schemaTag = 0x20
/** As zigzag: the schema of histograms with custom buckets, -53. */
const customBuckets = 105

// Routed by now: no label is looked for.
const watch = watchLabels([RESERVED_LABEL])
const to = new Writer()
const reader = new LabelReader()

/** Converts an uncompressed body. Throws BODY_CORRUPT if it, or any of its series, is malformed. */
export function toRemoteWrite1(bytes: Uint8Array): Converted {
  const batch = remoteWrite2.scan(bytes, watch, Number.MAX_SAFE_INTEGER)
  for (const [i, fault] of batch.faults) throw corrupt(fault, batch.start[i]!)
  to.begin()
  const passage: Passage = { bytes, view: viewOf(bytes), to, lost: nothingLost() }
  const families = new FamilyCollector(batch, passage.lost)
  passage.lost.unknown += countFields(batch)
  for (let i = 0; i < batch.count; i++) writeSeries(passage, batch, i, families)
  families.write(passage)
  return { body: to.written, lost: passage.lost }
}

function writeSeries(passage: Passage, batch: Batch, i: number, families: FamilyCollector): void {
  const { bytes, lost } = passage
  const end = batch.end[i]!
  const seriesAt = to.at
  const content = to.open(SERIES)
  let p = contentAt(bytes, batch.start[i]!, end)
  reader.openFields(bytes, p, end)
  writeLabels(passage, batch)
  let data = 0
  let dropped = 0
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    const inner = cursor.at
    if (tag === SAMPLES) {
      data++
      copyCommon(passage, SAMPLE, inner, p, sample)
    } else if (tag === HISTOGRAMS && hasCustomBuckets(bytes, inner, p)) {
      dropped++
      lost.customOf.push(i)
    } else if (tag === HISTOGRAMS) {
      data++
      copyCommon(passage, HISTOGRAM, inner, p, histogram)
    } else if (tag === EXEMPLARS) {
      data++
      writeExemplar(passage, batch, inner, p)
    } else if (tag === METADATA) {
      families.read(inner, p)
    } else if (tag !== LABELS && tag !== ONE_LABEL) {
      if (tag !== seriesStart) lost.unknown++
      else if (readVarint(bytes, value, end) !== 0) lost.startTimestamps++
    }
  }
  families.settle(i)
  lost.customHistograms += dropped
  if (dropped > 0 && data === 0) {
    lost.series++
    to.backTo(seriesAt)
  } else to.close(content)
}

/** Writes what the reader has open as Label messages. */
function writeLabels({ bytes, view }: Passage, batch: Batch): void {
  const { start, size } = batch.symbols!
  while (reader.next()) {
    const { name, value } = reader
    const nameAt = start[name]!
    const valueAt = start[value]!
    to.pair(LABEL, bytes, view, nameAt, nameAt + size[name]!, valueAt, valueAt + size[value]!)
  }
}

function writeExemplar(passage: Passage, batch: Batch, at: number, end: number): void {
  const content = to.open(EXEMPLAR)
  reader.openFields(passage.bytes, at, end)
  writeLabels(passage, batch)
  copyCommonFields(passage, at, end, { last: 3, without: 1 })
  to.close(content)
}

function hasCustomBuckets(bytes: Uint8Array, at: number, end: number): boolean {
  let schema = 0
  for (let p = at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    p = skipValue(bytes, value, end, tag)
    if (tag === schemaTag) schema = readVarint(bytes, value, p) % 2 ** 32
  }
  return schema === customBuckets
}
