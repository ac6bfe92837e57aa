// Whether a tenant's samples arrived exactly once: compares what the receiver holds with what the sample sender made.
// Series that the sample application does not know (someone else's pushes) don't count.

import { sampleFamilies } from './sender/sample-metrics.ts'
import { seriesText } from './sink/series-text.ts'
import type { SinkStore } from './sink/store.ts'

export interface DeliveryCheck {
  readonly tenant: string
  /** Samples made. */
  readonly made: number
  /** Of those: arrived exactly once with the right value. */
  readonly once: number
  readonly missing: number
  readonly twice: number
  /** Arrived with a value that is not the formula's, for example another tenant's. */
  readonly wrong: number
}

/** `times`: of the pushes to look at, ms since 1970. The tenant label has to have been removed on the way. */
export function checkDelivery(store: SinkStore, tenant: string, times: readonly number[]): DeliveryCheck {
  const stored = store.series(tenant)
  const count = { made: 0, once: 0, missing: 0, twice: 0, wrong: 0 }
  for (const { name, labels, value } of sampleFamilies(tenant).flatMap(({ series }) => series)) {
    const arrived = new Map<number, number[]>()
    for (const [tsMs, got] of stored.get(seriesText([['__name__', name], ...labels]))?.samples ?? []) {
      arrived.set(tsMs, [...(arrived.get(tsMs) ?? []), got])
    }
    for (const tsMs of times) {
      const values = arrived.get(tsMs) ?? []
      count.made++
      if (values.length === 0) count.missing++
      else if (values.some((got) => got !== value(tsMs))) count.wrong++
      else if (values.length > 1) count.twice++
      else count.once++
    }
  }
  return { tenant, ...count }
}
