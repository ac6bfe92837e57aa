// All of the proxy that needs the database, so that it can be loaded at once, or not at all.

import { commandQueues, currentOf, type LiveEndpoint } from '../pipeline/live-endpoint.ts'
import type { Queue } from '../send/store/key.ts'
import type { Store } from '../send/store/store.ts'
import { createQueueControl, type QueueControl } from './queue-control.ts'

export { openProxyStore } from './proxy-store.ts'

/** What people see of the queues of running endpoints and can do to them. `endpoints` is asked anew each time. */
export const controlQueues = (store: Store, endpoints: () => readonly LiveEndpoint[]): QueueControl =>
  createQueueControl({
    store,
    endpoints: () => endpoints().map(({ id, signal }) => ({ endpoint: id, signal })),
    sending: (queue) => sendingOf(endpoints(), queue),
    live: commandQueues(store, endpoints),
  })

function sendingOf(endpoints: readonly LiveEndpoint[], { endpoint, signal, tenant }: Queue) {
  const live = endpoints.find((one) => one.id === endpoint && one.signal === signal)
  const lane = live && currentOf(live).lanes.get(tenant)
  const { outForMs = 0, rateLimitedForMs = 0 } = live?.pipeline.queues?.[signal].get(tenant) ?? {}
  return {
    ...(lane?.lastStatus !== undefined && { lastStatus: lane.lastStatus }),
    ...(lane?.lastError !== undefined && { lastError: lane.lastError }),
    ...(lane?.failingSince !== undefined && { failingSinceMs: lane.failingSince }),
    ...(outForMs > 0 && { requestOutMs: outForMs }),
    ...(rateLimitedForMs > 0 && { rateLimitedMs: rateLimitedForMs }),
  }
}
