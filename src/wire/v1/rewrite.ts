// Writes one series without its tenant label: same bytes, same order, a new length in front.

import { type Batch, flag } from '../batch.ts'
import type { Output } from '../copy.ts'
import type { Rewrite } from '../gather.ts'
import { contentAt, cursor, readTag, skipValue, writeVarint } from '../protobuf.ts'
import { isNamed } from './labels.ts'
import { LABEL, SERIES } from './shapes.ts'

/** Implements Rewrite for a series. */
export const rewrite: Rewrite = (batch, view, i, winner, reserved, out, at) => {
  const { bytes } = batch
  const end = batch.end[i]!
  let inner = batch.start[i]! + 1
  while (bytes[inner++]! >= 0x80);
  const bits = batch.flags[i]!
  // The winner may be the reserved label itself.
  const isOther = !winner || batch.which[i]! !== batch.watch.reserved
  if (
    bytes[batch.start[i]!] !== SERIES ||
    (winner && bits & flag.repeated) ||
    (reserved && isOther && bits & flag.reserved)
  ) {
    return rewriteRepeated(batch, view, i, winner, reserved, out, at)
  }
  const labelStart = batch.labelStart[i]!
  const labelEnd = batch.labelEnd[i]!
  out.bytes[at] = SERIES
  let p = writeVarint(out.bytes, at + 1, end - inner - (labelEnd - labelStart))
  p = out.copy(bytes, view, inner, labelStart, p)
  return out.copy(bytes, view, labelEnd, end, p)
}

/** The same where several labels go: looks at every label's name again. */
const rewriteRepeated: Rewrite = (batch, view, i, winner, reserved, out, at) => {
  const { bytes, watch } = batch
  const end = batch.end[i]!
  const inner = contentAt(bytes, batch.start[i]!, end)
  const which = batch.which[i]!
  const gone = [
    ...(winner && which >= 0 ? [watch.bytes[which]!] : []),
    ...(reserved ? [watch.bytes[watch.reserved]!] : []),
  ]
  const size = copyKept(batch, view, inner, end, gone, undefined, 0)
  out.bytes[at] = SERIES
  return copyKept(batch, view, inner, end, gone, out, writeVarint(out.bytes, at + 1, size))
}

/** Copies the fields in `bytes[start … end)` to `at`, but for labels of these names; returns where they ended. Without `out`: only counts. */
function copyKept(
  batch: Batch,
  view: DataView,
  start: number,
  end: number,
  gone: readonly Uint8Array[],
  out: Output | undefined,
  at: number,
): number {
  const { bytes } = batch
  let written = at
  let runStart = start
  // A label's tag and length, a name's tag and length, the name.
  const shortest = 4 + Math.min(...gone.map((name) => name.length))
  const flush = (runEnd: number): void => {
    written = out === undefined ? written + runEnd - runStart : out.copy(bytes, view, runStart, runEnd, written)
  }
  for (let p = start; p < end; ) {
    const tag = readTag(bytes, p, end)
    const next = skipValue(bytes, cursor.at, end, tag)
    if (tag === LABEL && next - p >= shortest && gone.some((name) => isNamed(bytes, p, next, name))) {
      flush(p)
      runStart = next
    }
    p = next
  }
  flush(end)
  return written
}
