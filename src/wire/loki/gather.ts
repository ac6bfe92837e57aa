// Builds one push from some streams of a batch: neighbours are copied in one piece, and a stream is written anew only
// if a label goes. Stream order is kept; the other top-level fields follow, byte for byte.

import { type Batch, flag, NONE } from '../batch.ts'
import { Output, viewOf } from '../copy.ts'
import { rewrite, rewriteBound } from './rewrite.ts'

const output = new Output()

/** Implements Codec.gather. The result is valid until the next call. */
export function gather(batch: Batch, indexes: Uint32Array, count: number, removeLabel: boolean): Uint8Array {
  const view = viewOf(batch.bytes)
  const removeReserved = removeLabel || !batch.watch.namesReserved
  let bound = 0
  for (let k = 0; k < count; k++) bound += rewriteBound(batch, indexes[k]!)
  for (const range of batch.unknown) bound += range.end - range.start
  output.reserve(bound)
  let at = 0
  let runStart = 0
  let runEnd = 0
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    const winner = removeLabel && batch.which[i] !== NONE
    const reserved = removeReserved && (batch.flags[i]! & flag.reserved) !== 0
    if (!winner && !reserved) {
      if (batch.start[i] !== runEnd) {
        at = output.copy(batch.bytes, view, runStart, runEnd, at)
        runStart = batch.start[i]!
      }
      runEnd = batch.end[i]!
      continue
    }
    at = output.copy(batch.bytes, view, runStart, runEnd, at)
    runStart = runEnd = 0
    at = rewrite(batch, view, i, winner, reserved, output, at)
  }
  at = output.copy(batch.bytes, view, runStart, runEnd, at)
  for (const range of batch.unknown) at = output.copy(batch.bytes, view, range.start, range.end, at)
  return output.bytes.subarray(0, at)
}
