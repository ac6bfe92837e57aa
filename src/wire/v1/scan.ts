// Finds the series of an uncompressed remote write 1 body and proves the whole body well formed.
// One pass, nothing decoded, nothing allocated per series. The usual encoding of a label or sample is recognised
// at a glance; anything else, legal or not, takes the slower road through protobuf.ts.

import { SluiceError } from '../../errors.ts'
import { addRange, type Batch, flag, NONE, type Range } from '../batch.ts'
import { type Codec, ITEMS_PER_RANGE, type Watch } from '../codec.ts'
import { cursor, LENGTH, readLength, readTag, skipValue, verify, wrongType } from '../protobuf.ts'
import { isAt } from '../same-bytes.ts'
import { exemplar, histogram, metadata, sample, timeSeries, writeRequest } from './shapes.ts'
import { type Columns, columnsFor, copyRows } from './table.ts'

/** One table is kept for all scans: they are synchronous, and what leaves is a copy. */
let table: Columns = columnsFor(4096)
/** Rows kept between bodies. */
const keptRows = 1 << 16

// What the label just read looked like; plain variables because a result object per label would be an allocation per label.
let nameAt = 0
let nameEnd = 0
let valueAt = 0
let valueEnd = 0

/** Reads one Label in any legal encoding: the last name and the last value count. */
function readLabel(bytes: Uint8Array, at: number, end: number): void {
  nameAt = nameEnd = valueAt = valueEnd = at
  let p = at
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const value = cursor.at
    const field = Math.floor(tag / 8)
    if (field !== 1 && field !== 2) {
      p = skipValue(bytes, value, end, tag)
      continue
    }
    if (tag % 8 !== LENGTH) throw wrongType({ name: 'Label', fields: new Map() }, tag, p)
    p = readLength(bytes, value, end)
    if (field === 1) {
      nameAt = cursor.at
      nameEnd = p
    } else {
      valueAt = cursor.at
      valueEnd = p
    }
  }
}

function isMetricName(b: Uint8Array, p: number): boolean {
  return (
    b[p] === 95 &&
    b[p + 1] === 95 &&
    b[p + 2] === 110 &&
    b[p + 3] === 97 &&
    b[p + 4] === 109 &&
    b[p + 5] === 101 &&
    b[p + 6] === 95 &&
    b[p + 7] === 95
  )
}

// How often each watched name occurred in the series at hand.
let occurrences = new Uint32Array(8)

/** Scans one series' fields in `bytes[at … end)` into row `i` of the table. */
function scanSeries(bytes: Uint8Array, begin: number, end: number, watch: Watch, i: number): void {
  const watched = watch.bytes
  const lengths = watch.lengths
  const occurred = occurrences
  let best = watched.length
  let bestValueAt = 0
  let bestValueEnd = 0
  let bestLabelAt = 0
  let bestLabelEnd = 0
  let metricAt = 0
  let metricEnd = 0
  let labels = 0
  let matched = 0
  let samples = 0
  let bits = 0
  let p = begin
  while (p < end) {
    const fieldAt = p
    let tag = bytes[p]!
    let stop: number
    let inner: number
    let at: number
    let size: number
    let valueStart: number
    let valueStop: number
    // The usual label: under 128 bytes, a name, then a value that takes the rest: 0a <n> 0a <n> … 12 <n> …
    const usualStop = p + 2 + bytes[p + 1]!
    const usualMark = p + 4 + bytes[p + 3]!
    if (
      tag === 0x0a &&
      usualMark < usualStop &&
      usualStop <= end &&
      bytes[p + 1]! < 0x80 &&
      bytes[p + 2] === 0x0a &&
      bytes[usualMark] === 0x12 &&
      usualMark + 2 + bytes[usualMark + 1]! === usualStop
    ) {
      labels++
      p = usualStop
      if (lengths[usualMark - fieldAt - 4] === 0) continue
      stop = usualStop
      at = fieldAt + 4
      size = usualMark - at
      valueStart = usualMark + 2
      valueStop = usualStop
    } else {
      // Other known fields, mostly under 16 KiB.
      if (tag < 0x80 && p + 2 < end) {
        const low = bytes[p + 1]!
        if (low < 0x80) {
          inner = p + 2
          stop = inner + low
        } else {
          const high = bytes[p + 2]!
          inner = p + 3
          stop = high < 0x80 ? inner + (low & 0x7f) + (high << 7) : end + 1
        }
      } else {
        inner = stop = end + 1
      }
      if (stop > end || (tag !== 0x0a && tag !== 0x12)) {
        tag = readTag(bytes, p, end)
        const field = Math.floor(tag / 8)
        if (field > 4) {
          p = skipValue(bytes, cursor.at, end, tag)
          continue
        }
        if (tag % 8 !== LENGTH) throw wrongType(timeSeries, tag, p)
        stop = readLength(bytes, cursor.at, end)
        inner = cursor.at
        if (field === 3) {
          verify(bytes, inner, stop, exemplar)
          bits |= flag.exemplars
          p = stop
          continue
        }
        if (field === 4) {
          verify(bytes, inner, stop, histogram)
          bits |= flag.histograms
          samples++
          p = stop
          continue
        }
      }
      p = stop
      if (tag === 0x12) {
        samples++
        // value, then a timestamp that takes the rest: 09 <8 bytes> 10 <varint>
        const length = stop - inner
        if (
          length > 10 &&
          length < 20 &&
          bytes[inner] === 0x09 &&
          bytes[inner + 9] === 0x10 &&
          plainVarint(bytes, inner + 10, stop)
        )
          continue
        verify(bytes, inner, stop, sample)
        continue
      }
      labels++
      readLabel(bytes, inner, stop)
      at = nameAt
      size = nameEnd - nameAt
      valueStart = valueAt
      valueStop = valueEnd
    }
    if (size < lengths.length && lengths[size] === 0) continue
    if (size === 8 && metricEnd === 0 && isMetricName(bytes, at)) {
      metricAt = valueStart
      metricEnd = valueStop
    }
    for (let k = 0; k < watched.length; k++) {
      const name = watched[k]!
      if (name.length !== size || !isAt(bytes, at, name)) continue
      matched++
      if (occurred[k]!++ === 0 && k < best && k < watch.names.length && valueStop > valueStart) {
        best = k
        bestValueAt = valueStart
        bestValueEnd = valueStop
        bestLabelAt = fieldAt
        bestLabelEnd = stop
      }
      break
    }
  }
  if (matched > 0) {
    const reserved = occurred[watch.reserved]!
    const winning = best < watched.length ? occurred[best]! : 0
    const both = best === watch.reserved ? winning : winning + reserved
    if (winning > 1) bits |= flag.repeated
    if (reserved > 0) bits |= flag.reserved
    if (both === labels) bits |= flag.bare
    if (reserved === labels) bits |= flag.reservedOnly
    for (let k = 0; k < watched.length; k++) occurred[k] = 0
  }
  table.which[i] = best < watched.length ? best : NONE
  table.valueStart[i] = bestValueAt
  table.valueEnd[i] = bestValueEnd
  table.labelStart[i] = bestLabelAt
  table.labelEnd[i] = bestLabelEnd
  table.nameStart[i] = metricAt
  table.nameEnd[i] = metricEnd
  table.samples[i] = samples
  table.flags[i] = bits
}

/** A scan that threw half-way through a series may have left counts behind. */
function forgetOccurrences(watch: Watch): void {
  if (occurrences.length < watch.bytes.length) occurrences = new Uint32Array(watch.bytes.length * 2)
  else occurrences.fill(0)
}

/** A varint of 1 to 9 bytes that ends exactly at `end`. */
function plainVarint(bytes: Uint8Array, at: number, end: number): boolean {
  const last = end - 1
  for (let p = at; p < last; p++) if (bytes[p]! < 0x80) return false
  return bytes[last]! < 0x80
}

/** Scans `bytes[start … end)` as a series of labels alone. Its row is the first one of the result, until the next scan. */
export function scanLabels(bytes: Uint8Array, start: number, end: number, watch: Watch): Columns {
  forgetOccurrences(watch)
  scanSeries(bytes, start, end, watch, 0)
  return table
}

/** Implements Codec.scan for remote write 1. Metadata is proved and located; unknown top-level fields are located. */
export function scan(bytes: Uint8Array, watch: Watch, maxItems: number, codec: Codec): Batch {
  try {
    return scanBody(bytes, watch, maxItems, codec)
  } finally {
    if (table.start.length > keptRows) table = columnsFor(4096)
  }
}

function scanBody(bytes: Uint8Array, watch: Watch, maxItems: number, codec: Codec): Batch {
  forgetOccurrences(watch)
  const meta: Range[] = []
  const unknown: Range[] = []
  const end = bytes.length
  let count = 0
  let p = 0
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const field = Math.floor(tag / 8)
    if (field !== 1 && field !== 3) {
      const next = skipValue(bytes, cursor.at, end, tag)
      addRange(unknown, p, next)
      if (isOver(maxItems, count, meta, unknown)) throw tooMany(maxItems)
      p = next
      continue
    }
    if (tag % 8 !== LENGTH) throw wrongType(writeRequest, tag, p)
    const stop = readLength(bytes, cursor.at, end)
    const inner = cursor.at
    if (field === 3) {
      verify(bytes, inner, stop, metadata)
      meta.push({ start: p, end: stop })
      if (isOver(maxItems, count, meta, unknown)) throw tooMany(maxItems)
    } else {
      if (isOver(maxItems, count + 1, meta, unknown)) throw tooMany(maxItems)
      if (count === table.start.length) table = copyRows(table, count, count * 2)
      scanSeries(bytes, inner, stop, watch, count)
      table.start[count] = p
      table.end[count] = stop
      count++
    }
    p = stop
  }
  return {
    codec,
    watch,
    bytes,
    count,
    values: bytes,
    ...copyRows(table, count),
    metadata: meta,
    unknown,
    faults: noFaults,
  }
}

function isOver(maxItems: number, count: number, meta: readonly Range[], unknown: readonly Range[]): boolean {
  return count + (meta.length + unknown.length) * ITEMS_PER_RANGE > maxItems
}

function tooMany(maxItems: number): SluiceError {
  return new SluiceError('DECOMPRESSED_TOO_LARGE', `the body holds more than ${maxItems} series or other fields`)
}

const noFaults: ReadonlyMap<number, string> = new Map()
