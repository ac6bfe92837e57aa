// What remote write 2 counts of a request apart: the numbers behind its three Written headers.

import type { Batch } from '../batch.ts'

export interface Written {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

export const nothingWritten: Written = { samples: 0, histograms: 0, exemplars: 0 }

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

/** Both together; undefined where neither is known. */
export function added(a: Written | undefined, b: Written | undefined): Written | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return {
    samples: a.samples + b.samples,
    histograms: a.histograms + b.histograms,
    exemplars: a.exemplars + b.exemplars,
  }
}

/** What both have. */
export const common = (a: Written, b: Written): Written => ({
  samples: Math.min(a.samples, b.samples),
  histograms: Math.min(a.histograms, b.histograms),
  exemplars: Math.min(a.exemplars, b.exemplars),
})

/** The one without the other, which it has. */
export const without = (a: Written, b: Written): Written => ({
  samples: a.samples - b.samples,
  histograms: a.histograms - b.histograms,
  exemplars: a.exemplars - b.exemplars,
})

/** The headers, each one number, names in lower case. */
export const writtenHeaders = ({ samples, histograms, exemplars }: Written): Record<string, string> => ({
  'x-prometheus-remote-write-samples-written': String(samples),
  'x-prometheus-remote-write-histograms-written': String(histograms),
  'x-prometheus-remote-write-exemplars-written': String(exemplars),
})
