// What is stored for endpoints that no file has any more: a component that got another name leaves its queue under the
// old one. It is kept, and said, since nobody sends it.

import type { QueueStats } from '../../send/store/inventory.ts'
import type { Log } from '../../telemetry/log.ts'

/** A line for each endpoint that has something stored and is not among `endpoints`. */
export function logLeftBehind(stored: readonly QueueStats[], endpoints: ReadonlySet<string>, log: Log): void {
  const left = new Map<string, { tenants: number; batches: number; samples: number }>()
  for (const { queue, batches, samples } of stored) {
    if (endpoints.has(queue.endpoint)) continue
    const of = left.get(queue.endpoint) ?? { tenants: 0, batches: 0, samples: 0 }
    left.set(queue.endpoint, { tenants: of.tenants + 1, batches: of.batches + batches, samples: of.samples + samples })
  }
  for (const [endpoint, of] of left) {
    const hint = `bring the endpoint back by this name, or delete it: sluice queue drop TENANT --endpoint=${endpoint}`
    log.warn('data is stored for an endpoint that is not configured: it is kept and not sent', {
      ...{ endpoint, ...of },
      hint,
    })
  }
}
