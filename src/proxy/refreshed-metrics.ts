// The registry as listeners see it: what is a gauge of the program's state is brought up to now whenever somebody looks.

import type { LiveEndpoint } from '../pipeline/live-endpoint.ts'
import type { Store } from '../send/store/store.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { MetricsRegistry } from '../telemetry/registry.ts'
import type { RejectionLog } from '../telemetry/rejections.ts'
import { measure } from './measure.ts'
import type { QueueControl } from './queue-control.ts'
import { queueGauges } from './queue-gauges.ts'
import { measureRemoteStorage } from './remote-storage-gauges.ts'

export interface GaugeSources {
  /** Asked anew each time. */
  readonly endpoints: () => readonly LiveEndpoint[]
  /** Both or neither. */
  readonly store: Store | undefined
  readonly queues: QueueControl | undefined
  readonly rejections: Pick<RejectionLog, 'size'>
}

/** `refresh` sets further gauges. */
export function refreshedMetrics(
  registry: MetricsRegistry,
  sources: GaugeSources,
  refresh: (meter: Meter) => void = () => undefined,
): MetricsRegistry {
  const { meter } = registry
  const { endpoints, store, queues, rejections } = sources
  const measureQueues = store && queueGauges(store, meter)
  const bringUpToNow = (): void => {
    const all = endpoints()
    measure(all, meter)
    const stored = queues?.list() ?? []
    measureQueues?.(stored)
    measureRemoteStorage(all, stored, meter)
    meter.tally('sluice_rejection_log_entries').value = rejections.size
    refresh(meter)
  }
  return {
    ...registry,
    exposition: () => {
      bringUpToNow()
      return registry.exposition()
    },
    values: () => {
      bringUpToNow()
      return registry.values()
    },
  }
}
