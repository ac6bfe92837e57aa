// The gauges of queue and store, read when somebody looks. Tenants beyond the registry's bound share a tally: theirs
// add up, and of their ages the longest counts.

import type { Store } from '../send/store/store.ts'
import type { MetricName } from '../telemetry/catalogue.ts'
import type { Meter, Tally } from '../telemetry/meter.ts'
import type { QueueView } from './queue-control.ts'

/** Makes the function that brings them up to now; `wallClock` in ms since 1970. */
export function queueGauges(
  store: Store,
  meter: Meter,
  wallClock: () => number = Date.now,
): (queues: readonly QueueView[]) => void {
  let shown = new Set<Tally>()
  return (queues) => {
    const now = wallClock()
    const seen = new Set<Tally>()
    const raise = (name: MetricName, { tenant, signal }: QueueView, by: (before: number) => number): void => {
      const tally = meter.tally(name, { tenant, signal })
      tally.value = by(seen.has(tally) ? tally.value : 0)
      seen.add(tally)
    }
    for (const queue of queues) {
      const { batches, bytes, samples, oldestMs, paused } = queue
      raise('sluice_queue_stored_batches', queue, (before) => before + batches)
      raise('sluice_queue_stored_bytes', queue, (before) => before + bytes)
      raise('sluice_queue_stored_samples', queue, (before) => before + samples)
      const age = oldestMs === undefined ? 0 : Math.max(0, (now - oldestMs) / 1000)
      raise('sluice_queue_oldest_age_seconds', queue, (before) => Math.max(before, age))
      raise('sluice_queue_paused', queue, (before) => Math.max(before, paused ? 1 : 0))
    }
    for (const tally of shown) if (!seen.has(tally)) tally.value = 0
    shown = seen
    meter.tally('sluice_store_bytes').value = store.bytes
    meter.tally('sluice_store_batches').value = store.batches
    meter.tally('sluice_store_bytes_limit').value = store.maxBytes
  }
}
