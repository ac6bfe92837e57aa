// Writes one stream without its tenant label: only the label text changes, and the hash of the old text goes.

import type { Batch } from '../batch.ts'
import type { Output } from '../copy.ts'
import { cursor, readLength, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { LabelReader } from './label-text.ts'
import { watchedIndex } from './scan.ts'
import { HASH, LABELS } from './shapes.ts'

const reader = new LabelReader()
const streamTag = 0x0a
const labelsTag = 0x0a

/** Ranges of `Batch.bytes`, as start and end in turn. */
type Ranges = number[]

/** Writes stream `i` without the winning label (`winner`) and without the reserved one (`reserved`); returns where it ended. */
export function rewrite(
  batch: Batch,
  view: DataView,
  i: number,
  winner: boolean,
  reserved: boolean,
  out: Output,
  at: number,
): number {
  const { bytes } = batch
  const end = batch.end[i]!
  const text = keptText(batch, i, winner, reserved)
  const textSize = sizeOf(text)
  const rest: Ranges = []
  readTag(bytes, batch.start[i]!, end)
  readLength(bytes, cursor.at, end)
  for (let p = cursor.at; p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    const field = Math.floor(tag / 8)
    if (field !== HASH && field !== LABELS) extend(rest, p, next)
    p = next
  }
  out.bytes[at] = streamTag
  let p = writeVarint(out.bytes, at + 1, 1 + varintSize(textSize) + textSize + sizeOf(rest))
  out.bytes[p] = labelsTag
  p = writeVarint(out.bytes, p + 1, textSize)
  for (const ranges of [text, rest]) {
    for (let k = 0; k < ranges.length; k += 2) p = out.copy(bytes, view, ranges[k]!, ranges[k + 1]!, p)
  }
  return p
}

/** Upper bound of what `rewrite` writes: a rewritten stream is never longer than the original with minimal lengths. */
export function rewriteBound(batch: Batch, i: number): number {
  const size = batch.end[i]! - batch.start[i]!
  return 1 + varintSize(size) + size
}

/**
 * What remains of stream `i`'s label text: the pairs that stay, byte for byte, each with what stood before it. A pair
 * that goes takes what stands between it and the next one, or, as the last one, what stands before it.
 */
function keptText(batch: Batch, i: number, winner: boolean, reserved: boolean): Ranges {
  const { watch } = batch
  const which = winner ? batch.which[i]! : -1
  const end = batch.labelEnd[i]!
  const kept: Ranges = []
  // What precedes the next pair that stays; its end is known at the next pair.
  let gapAt = batch.labelStart[i]!
  let gapEnd = -1
  let after = gapAt
  let stays = false
  reader.open(batch.bytes, gapAt, end)
  while (reader.next()) {
    const k = watchedIndex(watch, reader.names, reader.nameAt, reader.nameEnd)
    const goes = k >= 0 && (k === which || (reserved && k === watch.reserved))
    after = reader.pairEnd
    if (reader.inFront) {
      if (goes) extend(kept, gapAt, reader.pairAt)
      else extend(kept, gapAt, after)
      gapAt = after
      continue
    }
    if (gapEnd < 0) gapEnd = reader.pairAt
    if (goes) continue
    extend(kept, gapAt, gapEnd)
    extend(kept, reader.pairAt, after)
    stays = true
    gapAt = after
    gapEnd = -1
  }
  if (stays || reader.braceOpen < 0) {
    extend(kept, after, end)
  } else {
    extend(kept, gapAt, reader.braceOpen)
    extend(kept, reader.braceClose, end)
  }
  return kept
}

function extend(ranges: Ranges, start: number, end: number): void {
  if (ranges.length > 0 && ranges[ranges.length - 1] === start) ranges[ranges.length - 1] = end
  else ranges.push(start, end)
}

function sizeOf(ranges: Ranges): number {
  let size = 0
  for (let k = 0; k < ranges.length; k += 2) size += ranges[k + 1]! - ranges[k]!
  return size
}
