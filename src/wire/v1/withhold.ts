// Leaves exemplars or native histograms out of series, for tenants that shall not be sent them: nothing is decoded, and
// what stays, stays byte for byte. A series of which nothing but labels would stay goes altogether.

import { type Batch, flag } from '../batch.ts'
import type { Codec, Withheld } from '../codec.ts'
import { contentAt, cursor, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { EXEMPLAR, HISTOGRAM, LABEL, SERIES } from './shapes.ts'

/** In place of a size. */
const UNTOUCHED = -1
const EMPTIED = -2

/** Implements Codec.withhold. */
export const withhold: NonNullable<Codec['withhold']> = (batch, indexes, count, withheld) => {
  const touched = (withheld.exemplars ? flag.exemplars : 0) | (withheld.histograms ? flag.histograms : 0)
  if (!hasAny(batch, indexes, count, touched)) return undefined
  const sizes = new Float64Array(count)
  let total = 0
  const emptied = { exemplars: 0, histograms: 0 }
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    const size = batch.flags[i]! & touched ? keptSize(batch, i, withheld) : UNTOUCHED
    sizes[k] = size
    if (size === UNTOUCHED) total += batch.end[i]! - batch.start[i]!
    else if (size >= 0) total += 1 + varintSize(size) + size
    else emptied[batch.samples[i]! > 0 ? 'histograms' : 'exemplars']++
  }
  for (const { start, end } of batch.unknown) total += end - start
  const bytes = new Uint8Array(total)
  let at = 0
  const copy = (start: number, end: number): void => {
    bytes.set(batch.bytes.subarray(start, end), at)
    at += end - start
  }
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    const size = sizes[k]!
    if (size === EMPTIED) continue
    if (size === UNTOUCHED) {
      copy(batch.start[i]!, batch.end[i]!)
      continue
    }
    bytes[at] = SERIES
    at = writeVarint(bytes, at + 1, size)
    copyKept(batch, i, withheld, copy)
  }
  for (const { start, end } of batch.unknown) copy(start, end)
  return { batch: batch.codec.scan(bytes, batch.watch), emptied }
}

function hasAny({ flags }: Batch, indexes: Uint32Array, count: number, bits: number): boolean {
  for (let k = 0; k < count; k++) if (flags[indexes[k]!]! & bits) return true
  return false
}

const goes = (tag: number, { exemplars, histograms }: Withheld): boolean =>
  (exemplars && tag === EXEMPLAR) || (histograms && tag === HISTOGRAM)

/** What stays of series i, in bytes without its tag and length; or EMPTIED. */
function keptSize(batch: Batch, i: number, withheld: Withheld): number {
  const { bytes } = batch
  const end = batch.end[i]!
  let kept = 0
  let holdsData = false
  for (let p = contentAt(bytes, batch.start[i]!, end); p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    if (!goes(tag, withheld)) {
      kept += next - p
      holdsData ||= tag !== LABEL
    }
    p = next
  }
  return holdsData ? kept : EMPTIED
}

/** Neighbours go in one piece. */
function copyKept(batch: Batch, i: number, withheld: Withheld, copy: (start: number, end: number) => void): void {
  const { bytes } = batch
  const end = batch.end[i]!
  let p = contentAt(bytes, batch.start[i]!, end)
  let runStart = p
  while (p < end) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    if (goes(tag, withheld)) {
      copy(runStart, p)
      runStart = next
    }
    p = next
  }
  copy(runStart, end)
}
