// Leaves exemplars or native histograms out of series, for tenants that shall not be sent them. A series that has lost
// its last sample goes altogether: remote write 2 has no series without, and receivers refuse them.

import type { Batch } from '../batch.ts'
import type { Codec } from '../codec.ts'
import { contentAt, cursor, readTag, skipValue } from '../protobuf.ts'
import { gatherWithout } from './gather.ts'

/** Implements Codec.withhold. */
export const withhold: NonNullable<Codec['withhold']> = (batch, indexes, count, withheld) => {
  const { exemplars, histograms, samples } = batch
  const kept = new Uint32Array(count)
  let keptCount = 0
  let isTouched = false
  const emptied = { exemplars: 0, histograms: 0 }
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    const loses = {
      histograms: withheld.histograms && histograms![i]! > 0,
      exemplars: withheld.exemplars && exemplars![i]! > 0,
    }
    const isTouchedHere = loses.histograms || loses.exemplars
    isTouched ||= isTouchedHere
    if (isTouchedHere && samples[i] === (loses.histograms ? histograms![i]! : 0) && !holdsData(batch, i)) {
      emptied[loses.histograms ? 'histograms' : 'exemplars']++
    } else kept[keptCount++] = i
  }
  if (!isTouched) return undefined
  const bytes = new Uint8Array(gatherWithout(batch, kept, keptCount, withheld))
  return { batch: batch.codec.scan(bytes, batch.watch), emptied }
}

/** Whether a series that is left without samples still is of use. */
function holdsData({ bytes, start, end }: Batch, i: number): boolean {
  const stop = end[i]!
  for (let p = contentAt(bytes, start[i]!, stop); p < stop; ) {
    const tag = readTag(bytes, p, stop)
    p = skipValue(bytes, cursor.at, stop, tag)
    if (!useless.has(Math.floor(tag / 8))) return true
  }
  return false
}

/**
 * Fields of no use without samples: labels, metadata, exemplars, the start timestamp of early 2.0; and histograms, since
 * a series that has any left has a sample.
 */
const useless: ReadonlySet<number> = new Set([1, 3, 4, 5, 6])
