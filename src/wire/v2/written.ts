// What remote write 2 counts of a request apart: the numbers behind its three Written headers.

import type { Batch } from '../batch.ts'

export interface Written {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

/** What `indexes[0] … indexes[count - 1]` of a remote write 2 batch hold. */
export function contentsOf(batch: Batch, indexes: Uint32Array, count: number): Written {
  let samples = 0
  let histograms = 0
  let exemplars = 0
  for (let k = 0; k < count; k++) {
    const i = indexes[k]!
    samples += batch.samples[i]!
    histograms += batch.histograms![i]!
    exemplars += batch.exemplars![i]!
  }
  return { samples: samples - histograms, histograms, exemplars }
}
