// All of the proxy that needs the database, so that it can be loaded at once, or not at all.

import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Queue } from '../send/store/key.ts'
import type { Store } from '../send/store/store.ts'
import { createQueueControl, endpointIds, type QueueControl } from './queue-control.ts'

export { openProxyStore } from './proxy-store.ts'

/** What people see of a running proxy's queues and can do to them. */
export const controlQueues = (store: Store, pipeline: Pipeline): QueueControl =>
  createQueueControl({
    store,
    sending: (queue) => sendingOf(pipeline, queue),
    ...(pipeline.queues && { live: pipeline.queues }),
  })

function sendingOf({ current, queues }: Pipeline, { endpoint, signal, tenant }: Queue) {
  if (endpoint !== endpointIds[signal]) return {}
  const lane = current[signal].lanes.get(tenant)
  const { outForMs = 0, rateLimitedForMs = 0 } = queues?.[signal].get(tenant) ?? {}
  return {
    ...(lane?.lastStatus !== undefined && { lastStatus: lane.lastStatus }),
    ...(lane?.lastError !== undefined && { lastError: lane.lastError }),
    ...(lane?.failingSince !== undefined && { failingSinceMs: lane.failingSince }),
    ...(outForMs > 0 && { requestOutMs: outForMs }),
    ...(rateLimitedForMs > 0 && { rateLimitedMs: rateLimitedForMs }),
  }
}
