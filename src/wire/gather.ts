// Builds one request body from some items of a batch: neighbours are copied in one piece, and an item is written anew
// only if a label goes. Order is kept; unknown top-level fields follow, byte for byte.

import { type Batch, flag, NONE } from './batch.ts'
import type { Codec } from './codec.ts'
import { Output, viewOf } from './copy.ts'
import { varintSize } from './protobuf.ts'

/**
 * Writes item `i` to `out` at `at` without the winning tenant label (`winner`) and the reserved one (`reserved`);
 * returns where it ended. Never writes more than `rewriteBound`.
 */
export type Rewrite = (
  batch: Batch,
  view: DataView,
  i: number,
  winner: boolean,
  reserved: boolean,
  out: Output,
  at: number,
) => number

/** One for all protocols: a gather is synchronous, and its result is compressed before the next. */
export const output: Output = new Output()

/** To be called once the parts of a batch are compressed: giant ones leave no room taken behind. */
export function endGathering(): void {
  output.trim()
}

/** A rewritten item is the original's bytes less a label, under a tag and a length as short as they can be. */
function rewriteBound(batch: Batch, i: number): number {
  const size = batch.end[i]! - batch.start[i]!
  return 1 + varintSize(size) + size
}

/**
 * Makes a protocol's `Codec.gather` from its `rewrite`. The result is valid until the next call for any protocol; what lies
 * in one piece already is not copied.
 */
export function gatherWith(rewrite: Rewrite): Codec['gather'] {
  return (given, indexes, count, removeLabel) => {
    const removeReserved = removeLabel || !given.watch.namesReserved
    const batch = (removeReserved && given.lean) || given
    const { bytes, start, end, which, flags, unknown } = batch
    const view = viewOf(bytes)
    let bound = 0
    for (let k = 0; k < count; k++) bound += rewriteBound(batch, indexes[k]!)
    for (const range of unknown) bound += range.end - range.start
    output.reserve(bound)
    let at = 0
    let runStart = 0
    let runEnd = 0
    for (let k = 0; k < count; k++) {
      const i = indexes[k]!
      const winner = removeLabel && which[i] !== NONE
      const reserved = removeReserved && (flags[i]! & flag.reserved) !== 0
      if (winner || reserved) {
        at = output.copy(bytes, view, runStart, runEnd, at)
        runStart = runEnd = 0
        at = rewrite(batch, view, i, winner, reserved, output, at)
      } else {
        if (start[i] !== runEnd) {
          at = output.copy(bytes, view, runStart, runEnd, at)
          runStart = start[i]!
        }
        runEnd = end[i]!
      }
    }
    if (at === 0 && unknown.length === 0) return bytes.subarray(runStart, runEnd)
    at = output.copy(bytes, view, runStart, runEnd, at)
    for (const range of unknown) at = output.copy(bytes, view, range.start, range.end, at)
    return output.bytes.subarray(0, at)
  }
}
