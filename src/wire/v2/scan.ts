// Finds the series of an uncompressed remote write 2 body and proves the whole body well formed. Nothing is decoded,
// nothing allocated per series: labels are numbers, and which of them are looked for is known before the first series.
// A reference outside of the symbols, or an odd number of them, makes its series malformed, not the request.

import { SluiceError } from '../../errors.ts'
import { type Batch, flag, METRIC_NAME, NONE, type Symbols } from '../batch.ts'
import type { Codec, Watch } from '../codec.ts'
import { corrupt, cursor, LENGTH, readLength, readTag, readVarint, skipValue, verify, wrongType } from '../protobuf.ts'
import { locate } from './locate.ts'
import { oddNumber, outOfRange, proveExemplar, proveMetadata, referred } from './refs.ts'
import {
  EXEMPLARS,
  HISTOGRAMS,
  histogram,
  LABELS,
  METADATA,
  mostFaults,
  ONE_LABEL,
  SAMPLES,
  SERIES,
  sample,
  timeSeries,
} from './shapes.ts'
import { type Columns, columnsFor } from './table.ts'

/**
 * What all series may come to with their labels written out, as in remote write 1: this, or so many times the body.
 * A symbol of a few megabytes that thousands of series refer to would else leave in thousands of parts. Bodies without a
 * limit of items are our own, merged perhaps, and about to be cut.
 */
const mostWrittenOut = 256 << 20
const mostTimesTheBody = 4

/** The first tag of field 6 of a series. */
const PAST_KNOWN = 6 * 8

// How often each watched name occurred in the series at hand.
let occurrences = new Uint32Array(8)

// The series at hand; plain variables because labels may come in any number of pieces.
let pairs = 0
/** A name whose value has not come yet. */
let name = -1
let matched = 0
let best = 0
let bestValue = 0
let metricValue = -1
let fault: string | undefined

/** Implements Codec.scan for remote write 2. Unknown top-level fields are located. */
export function scan(bytes: Uint8Array, watch: Watch, maxItems: number, codec: Codec): Batch {
  // A scan that threw half-way through a series may have left counts behind.
  if (occurrences.length < watch.bytes.length) occurrences = new Uint32Array(watch.bytes.length * 2)
  else occurrences.fill(0)
  const { symbols, count, unknown } = locate(bytes, watch, maxItems)
  const columns = columnsFor(count)
  const faults = new Map<number, string>()
  const end = bytes.length
  referred.bytes = 0
  let i = 0
  for (let p = 0; p < end; ) {
    const fieldAt = p
    if (bytes[p] === SERIES) {
      p = readLength(bytes, p + 1, end)
    } else {
      const tag = readTag(bytes, p, end)
      p = skipValue(bytes, cursor.at, end, tag)
      if (tag !== SERIES) continue
    }
    columns.start[i] = fieldAt
    columns.end[i] = p
    scanSeries(bytes, cursor.at, p, symbols, columns, i)
    finish(watch, symbols, columns, i)
    if (fault !== undefined) {
      faults.set(i, fault)
      if (faults.size > mostFaults)
        throw corrupt(`over ${mostFaults} series are malformed; the last: ${fault}`, fieldAt)
    }
    i++
  }
  const limit = Math.max(mostWrittenOut, mostTimesTheBody * end)
  if (Number.isFinite(maxItems) && referred.bytes > limit) {
    throw new SluiceError(
      'DECOMPRESSED_TOO_LARGE',
      `the body comes to over ${limit} bytes with its symbols written out`,
    )
  }
  return { codec, watch, bytes, count, values: bytes, ...columns, symbols, metadata: [], unknown, faults }
}

/** Scans one series' fields in `bytes[at … end)`; what is not said by the variables above goes into row `i`. */
function scanSeries(
  bytes: Uint8Array,
  begin: number,
  end: number,
  symbols: Symbols,
  columns: Columns,
  i: number,
): void {
  pairs = matched = 0
  name = metricValue = -1
  best = NONE
  fault = undefined
  let samples = 0
  let histograms = 0
  let exemplars = 0
  for (let p = begin; p < end; ) {
    const fieldAt = p
    let tag = bytes[p]!
    let inner = p + 2
    // The usual field: under 128 bytes.
    const low = bytes[p + 1]!
    p = inner + low
    if (!(tag < 0x80 && low < 0x80 && p <= end && tag % 8 === LENGTH && tag > LENGTH)) {
      tag = readTag(bytes, fieldAt, end)
      const value = cursor.at
      p = skipValue(bytes, value, end, tag)
      if (tag >= PAST_KNOWN) continue
      if (tag === ONE_LABEL) {
        scanRefs(bytes, value, p, symbols)
        continue
      }
      if (tag % 8 !== LENGTH) throw wrongType(timeSeries, tag, fieldAt)
      inner = cursor.at
    }
    if (tag === LABELS) {
      scanRefs(bytes, inner, p, symbols)
    } else if (tag === SAMPLES) {
      samples++
      if (!isUsualSample(bytes, inner, p)) verify(bytes, inner, p, sample)
    } else if (tag === METADATA) {
      fault = proveMetadata(bytes, inner, p, symbols) ?? fault
    } else if (tag === EXEMPLARS) {
      exemplars++
      fault = proveExemplar(bytes, inner, p, symbols) ?? fault
    } else if (tag === HISTOGRAMS) {
      histograms++
      verify(bytes, inner, p, histogram)
    }
  }
  columns.samples[i] = samples + histograms
  columns.histograms[i] = histograms
  columns.exemplars[i] = exemplars
}

/** Reads label references in `bytes[at … end)`, which may begin or end between a name and its value. */
function scanRefs(bytes: Uint8Array, at: number, end: number, symbols: Symbols): void {
  const { count, marks, size } = symbols
  let p = at
  let sum = 0
  let before = name
  while (p < end) {
    let ref = bytes[p++]!
    if (ref >= 0x80) {
      const high = p < end ? bytes[p]! : 0x80
      if (high < 0x80) {
        ref = (ref & 0x7f) | (high << 7)
        p++
      } else {
        ref = readVarint(bytes, p - 1, end)
        p = cursor.at
      }
    }
    if (ref < count) {
      sum += size[ref]!
    } else {
      fault ??= outOfRange('label reference', ref, count)
      // As good as any other: the series goes nowhere.
      ref = -1
    }
    if (before === -1) {
      before = ref < 0 ? -2 : ref
      continue
    }
    pairs++
    const mark = before < 0 ? 0 : marks[before]!
    if (mark !== 0 && ref >= 0) noteLabel(mark, ref, size)
    before = -1
  }
  name = before
  referred.bytes += sum
}

/** A label that is looked for, by its name's mark and its value. */
function noteLabel(mark: number, value: number, size: Uint32Array): void {
  if ((mark & METRIC_NAME) !== 0 && metricValue < 0) metricValue = value
  const k = (mark & ~METRIC_NAME) - 1
  if (k < 0) return
  matched++
  if (occurrences[k]!++ === 0 && (best === NONE || k < best) && size[value]! > 0) {
    best = k
    bestValue = value
  }
}

/** Writes what `scanRefs` found into row `i`. */
function finish(watch: Watch, { start, size }: Symbols, columns: Columns, i: number): void {
  if (name !== -1) fault ??= oddNumber('label reference')
  let bits = 0
  // The reserved name may be looked for without being one that wins.
  const wins = best !== NONE && best < watch.names.length
  if (matched > 0) {
    const reserved = occurrences[watch.reserved]!
    const winning = wins ? occurrences[best]! : 0
    const both = best === watch.reserved && wins ? winning : winning + reserved
    if (winning > 1) bits |= flag.repeated
    if (reserved > 0) bits |= flag.reserved
    if (both === pairs) bits |= flag.bare
    if (reserved === pairs) bits |= flag.reservedOnly
    for (let k = 0; k < watch.bytes.length; k++) occurrences[k] = 0
  }
  columns.which[i] = NONE
  if (fault !== undefined) {
    columns.flags[i] = flag.faulty
    return
  }
  columns.flags[i] = bits
  if (wins) {
    columns.which[i] = best
    columns.valueStart[i] = start[bestValue]!
    columns.valueEnd[i] = start[bestValue]! + size[bestValue]!
  }
  if (metricValue >= 0) {
    columns.nameStart[i] = start[metricValue]!
    columns.nameEnd[i] = start[metricValue]! + size[metricValue]!
  }
}

/** 09 <value> 10 <time>, and 18 <start time> or the end. */
function isUsualSample(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] !== 0x09 || bytes[at + 9] !== 0x10) return false
  let p = at + 10
  while (p < end && bytes[p]! >= 0x80) p++
  p++
  if (p - at > 19) return false
  if (p === end) return true
  if (bytes[p] !== 0x18) return false
  const time = ++p
  while (p < end && bytes[p]! >= 0x80) p++
  return ++p === end && p - time <= 9
}
