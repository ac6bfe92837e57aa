// Remote write 1 as remote write 2: labels become numbers of symbols, samples and histograms stay byte for byte, the
// metadata of families goes to the series of that name. In 2 a series has samples or histograms: one that has both
// becomes two, one that has neither gives its exemplars away. What 2 can't carry is counted.

import type { Batch } from '../batch.ts'
import { RESERVED_LABEL, watchLabels } from '../codec.ts'
import { viewOf } from '../copy.ts'
import { contentAt, cursor, readTag, skipValue } from '../protobuf.ts'
import { remoteWrite1 } from '../v1/codec.ts'
import { EXEMPLAR, HISTOGRAM, LABEL, SAMPLE } from '../v1/shapes.ts'
import { Interner } from '../v2/interner.ts'
import { EXEMPLARS, HELP, HISTOGRAMS, LABELS, METADATA, SAMPLES, SERIES, TYPE, UNIT } from '../v2/shapes.ts'
import { exemplarCarriers } from './exemplar-carriers.ts'
import { FamilyFinder, type FamilyMetadata } from './families.ts'
import { copyCommon, copyCommonFields, type Passage } from './known-fields.ts'
import { type Converted, type Lost, nothingLost } from './lost.ts'
import { countFields } from './unknown.ts'
import { Writer } from './writer.ts'

const sample = { last: 2 }
const histogram = { last: 16 }
const exemplar = { last: 3, without: 1 }

// Routed by now: no label is looked for.
const watch = watchLabels([RESERVED_LABEL])
const series = new Writer()
const whole = new Writer()
const interner = new Interner()

/** Converts an uncompressed body; empty if there is no series that 2 can carry. Throws BODY_CORRUPT if it is malformed. */
export function toRemoteWrite2(bytes: Uint8Array): Converted {
  const batch = remoteWrite1.scan(bytes, watch)
  series.begin()
  whole.begin()
  const passage: Passage = { bytes, view: viewOf(bytes), to: series, lost: nothingLost() }
  const { lost } = passage
  interner.begin()
  const families = new FamilyFinder(batch, lost)
  const carriers = exemplarCarriers(batch)
  for (let i = 0; i < batch.count; i++) {
    if (batch.samples[i] === 0) continue
    writeSeries(passage, batch, i, interner, families.of(i), carriers.of.get(i) ?? [])
  }
  for (const others of carriers.of.values()) for (const i of others) countUnknown(batch, i, lost)
  for (const i of carriers.left) {
    const exemplars = countUnknown(batch, i, lost)
    lost.exemplars += exemplars
    if (exemplars === 0) lost.emptySeries++
  }
  lost.metadata += families.lost
  lost.unknown += countFields(batch)
  if (series.at > 0) {
    for (const piece of [interner.table, series.written]) whole.copy(piece, viewOf(piece), 0, piece.length)
  }
  return { body: whole.written, lost }
}

function writeSeries(
  passage: Passage,
  batch: Batch,
  i: number,
  interner: Interner,
  metadata: FamilyMetadata | undefined,
  exemplarsOf: readonly number[],
): void {
  const { bytes, to, lost } = passage
  const end = batch.end[i]!
  const content = to.open(SERIES)
  const begin = contentAt(bytes, batch.start[i]!, end)
  writeLabels(passage, begin, end, interner)
  let samples = 0
  let histograms = 0
  for (let p = begin; p < end; ) {
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag === SAMPLE) {
      samples++
      copyCommon(passage, SAMPLES, cursor.at, p, sample)
    } else if (tag === HISTOGRAM) histograms++
    else if (tag !== LABEL && tag !== EXEMPLAR) lost.unknown++
  }
  if (samples === 0) writeHistograms(passage, begin, end)
  writeExemplars(passage, begin, end, interner)
  for (const other of exemplarsOf) {
    const otherEnd = batch.end[other]!
    writeExemplars(passage, contentAt(bytes, batch.start[other]!, otherEnd), otherEnd, interner)
  }
  if (metadata !== undefined) writeMetadata(passage, metadata, interner)
  to.close(content)
  if (samples === 0 || histograms === 0) return
  const second = to.open(SERIES)
  writeLabels(passage, begin, end, interner)
  writeHistograms(passage, begin, end)
  if (metadata !== undefined) writeMetadata(passage, metadata, interner)
  to.close(second)
}

function writeHistograms(passage: Passage, begin: number, end: number): void {
  const { bytes } = passage
  for (let p = begin; p < end; ) {
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag === HISTOGRAM) copyCommon(passage, HISTOGRAMS, cursor.at, p, histogram)
  }
}

function writeExemplars(passage: Passage, begin: number, end: number, interner: Interner): void {
  const { bytes, to } = passage
  for (let p = begin; p < end; ) {
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag !== EXEMPLAR) continue
    const inner = cursor.at
    const exemplarAt = to.open(EXEMPLARS)
    writeLabels(passage, inner, p, interner)
    copyCommonFields(passage, inner, p, exemplar)
    to.close(exemplarAt)
  }
}

/** Counts the unknown fields of a series without data; returns how many exemplars it has. */
function countUnknown(batch: Batch, i: number, lost: Lost): number {
  const { bytes } = batch
  const end = batch.end[i]!
  let exemplars = 0
  for (let p = contentAt(bytes, batch.start[i]!, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag === EXEMPLAR) exemplars++
    else if (tag !== LABEL) lost.unknown++
  }
  return exemplars
}

/** Writes the labels among the fields `bytes[at … end)`, of a series or an exemplar, as references. */
function writeLabels({ bytes, view, to, lost }: Passage, at: number, end: number, interner: Interner): void {
  const content = to.open(LABELS)
  for (let p = at; p < end; ) {
    // The usual label: under 128 bytes, a name, then a value that takes the rest: 0a <n> 0a <n> … 12 <n> …
    const stop = p + 2 + bytes[p + 1]!
    const mark = p + 4 + bytes[p + 3]!
    if (
      bytes[p] === LABEL &&
      mark < stop &&
      stop <= end &&
      bytes[p + 1]! < 0x80 &&
      bytes[p + 2] === 0x0a &&
      bytes[mark] === 0x12 &&
      mark + 2 + bytes[mark + 1]! === stop
    ) {
      to.varint(interner.number(bytes, view, p + 4, mark))
      to.varint(interner.number(bytes, view, mark + 2, stop))
      p = stop
      continue
    }
    const tag = readTag(bytes, p, end)
    p = skipValue(bytes, cursor.at, end, tag)
    if (tag !== LABEL) continue
    let nameAt = p
    let nameEnd = p
    let valueAt = p
    let valueEnd = p
    for (let q = cursor.at; q < p; ) {
      const field = readTag(bytes, q, p)
      q = skipValue(bytes, cursor.at, p, field)
      if (field === 0x0a) {
        nameAt = cursor.at
        nameEnd = q
      } else if (field === 0x12) {
        valueAt = cursor.at
        valueEnd = q
      } else lost.unknown++
    }
    to.varint(interner.number(bytes, view, nameAt, nameEnd))
    to.varint(interner.number(bytes, view, valueAt, valueEnd))
  }
  if (to.at > content) to.close(content)
  // Without labels there is no such field.
  else to.backTo(content - 2)
}

function writeMetadata({ bytes, view, to }: Passage, { type, help, unit }: FamilyMetadata, interner: Interner): void {
  const content = to.open(METADATA)
  if (type > 0) {
    to.tag(TYPE)
    to.varint(type)
  }
  for (const [tag, text] of [
    [HELP, help],
    [UNIT, unit],
  ] as const) {
    const number = interner.number(bytes, view, text.start, text.end)
    if (number === 0) continue
    to.tag(tag)
    to.varint(number)
  }
  to.close(content)
}
