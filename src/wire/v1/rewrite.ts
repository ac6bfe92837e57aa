// Writes one series without its tenant label: same bytes, same order, a new length in front.

import { type Batch, flag } from '../batch.ts'
import type { Output } from '../copy.ts'
import { cursor, readLength, readTag, skipValue, varintSize, writeVarint } from '../protobuf.ts'
import { nameOf } from './labels.ts'

const seriesTag = 0x0a

/** Writes series `i` without the winning label (`winner`) and without the reserved one (`reserved`); returns where it ended. */
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
  let inner = batch.start[i]! + 1
  while (bytes[inner++]! >= 0x80);
  const bits = batch.flags[i]!
  if (bytes[batch.start[i]!] !== seriesTag || (winner && bits & flag.repeated) || (reserved && bits & flag.reserved)) {
    return rewriteRepeated(batch, view, i, winner, reserved, out, at)
  }
  const labelStart = batch.labelStart[i]!
  const labelEnd = batch.labelEnd[i]!
  out.bytes[at] = seriesTag
  let p = writeVarint(out.bytes, at + 1, end - inner - (labelEnd - labelStart))
  p = out.copy(bytes, view, inner, labelStart, p)
  return out.copy(bytes, view, labelEnd, end, p)
}

/** The same where several labels go: looks at every label's name again. */
function rewriteRepeated(
  batch: Batch,
  view: DataView,
  i: number,
  winner: boolean,
  reserved: boolean,
  out: Output,
  at: number,
): number {
  const { bytes, watch } = batch
  const end = batch.end[i]!
  readTag(bytes, batch.start[i]!, end)
  readLength(bytes, cursor.at, end)
  const inner = cursor.at
  const which = batch.which[i]!
  const gone = [
    ...(winner && which >= 0 ? [watch.bytes[which]!] : []),
    ...(reserved ? [watch.bytes[watch.reserved]!] : []),
  ]
  const kept: number[] = []
  let size = 0
  for (let p = inner; p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    const name = tag === 0x0a ? nameOf(bytes, p, next) : undefined
    if (name === undefined || !gone.some((other) => Buffer.compare(other, name) === 0)) {
      kept.push(p, next)
      size += next - p
    }
    p = next
  }
  out.bytes[at] = seriesTag
  let p = writeVarint(out.bytes, at + 1, size)
  for (let k = 0; k < kept.length; k += 2) p = out.copy(bytes, view, kept[k]!, kept[k + 1]!, p)
  return p
}

/** Upper bound of what `rewrite` writes: a rewritten series is never longer than the original with a minimal length. */
export function rewriteBound(batch: Batch, i: number): number {
  const size = batch.end[i]! - batch.start[i]!
  return 1 + varintSize(size) + size
}
