// A tenant's part without what its override says not to send, counted. Only parts that hold such a thing are touched.

import type { Meter } from '../telemetry/meter.ts'
import type { Part } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import type { Withheld } from '../wire/codec.ts'

/** Items of a batch that go to one tenant. */
export interface Cargo {
  readonly batch: Batch
  readonly part: Part
}

/** undefined: the part goes as it is. Else another batch, in memory of its own, and the part that is all of it. */
export function withhold(meter: Meter, batch: Batch, part: Part, withheld: Withheld): Cargo | undefined {
  const { codec } = batch
  const thinned = codec.withhold?.(batch, part.indexes, part.count, withheld)
  if (thinned === undefined) return undefined
  const { signal } = codec
  const { count } = thinned.batch
  let samples = 0
  for (let i = 0; i < count; i++) samples += thinned.batch.samples[i]!
  const { exemplars, histograms } = thinned.emptied
  const dropped = (reason: string, items: number): void => {
    if (items > 0) meter.tally('sluice_dropped_total', { signal, reason }).value += items
  }
  dropped('exemplars_off', exemplars)
  dropped('native_histograms_off', histograms)
  if (samples < part.samples) {
    const labels = { signal, tenant: part.tenant, reason: 'native_histograms_off' }
    meter.tally('sluice_dropped_samples_total', labels).value += part.samples - samples
  }
  const indexes = Uint32Array.from({ length: count }, (_, i) => i)
  return { batch: thinned.batch, part: { ...part, indexes, count, samples, rewrites: true } }
}
