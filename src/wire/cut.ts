// Cuts a body that is compressed already into several: back into the pushes it was merged of, or into halves.

import type { Codec } from './codec.ts'
import { RESERVED_LABEL, watchLabels } from './codec.ts'
import { endGathering } from './gather.ts'
import { release } from './release.ts'
import { compress, uncompress } from './snappy.ts'
import { contentsOf, type Written } from './v2/written.ts'

export interface Cut {
  readonly body: Uint8Array
  /** Samples, or log entries. */
  readonly samples: number
  /** What `count` of its items hold from the `from`th on; undefined but for remote write 2. */
  readonly contents: (from: number, count: number) => Written | undefined
}

// Routed by now: no label is looked for, and none goes.
const watch = watchLabels([RESERVED_LABEL])

/**
 * Bodies of `sizes[0]`, `sizes[1]`, … items each, in order; unknown top-level fields go with each of them.
 * Throws SluiceError BODY_CORRUPT; RangeError if the body has not as many items as the sizes say.
 */
export function cutBody(codec: Codec, body: Uint8Array, sizes: readonly number[]): Cut[] {
  const bytes = uncompress(body, Number.MAX_SAFE_INTEGER)
  try {
    const batch = codec.scan(bytes, watch)
    const wanted = sizes.reduce((sum, size) => sum + size, 0)
    if (wanted !== batch.count) throw new RangeError(`${batch.count} items can’t be cut into ${wanted}`)
    const all = Uint32Array.from({ length: batch.count }, (_, i) => i)
    let at = 0
    return sizes.map((size) => {
      const indexes = all.subarray(at, at + size)
      at += size
      let samples = 0
      for (const i of indexes) samples += batch.samples[i]!
      const contents: Cut['contents'] = (from, count) =>
        batch.exemplars && contentsOf(batch, indexes.subarray(from), count)
      return { body: compress(codec.gather(batch, indexes, size, false)), samples, contents }
    })
  } finally {
    release(bytes)
    endGathering()
  }
}
