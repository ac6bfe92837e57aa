// The queues of both signals over one store, and the commands that change them. They outlive every generation.

import type { QueueDropReason } from '../send/queue/lane-host.ts'
import { TenantQueues } from '../send/queue/tenant-queues.ts'
import type { QueueFilter } from '../send/store/queue-filter.ts'
import type { Store } from '../send/store/store.ts'
import type { Codec } from '../wire/codec.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'

/** Stable ids of a pipeline's endpoints: part of the keys in the store. */
export interface EndpointIds {
  readonly metrics: string
  readonly logs: string
}

/** Those that a proxy has. */
export const proxyEndpointIds: EndpointIds = { metrics: 'proxy/metrics', logs: 'proxy/loki' }

export interface QueuesOptions {
  readonly store: Store
  /** Default: the proxy's. */
  readonly endpointIds?: EndpointIds
  readonly userAgent: string
  readonly now: () => number
  readonly wallClock?: () => number
  readonly random?: () => number
  /** Told of what upstream refused for good, or what became too old, while it was queued. */
  readonly onQueueDropped?: (dropped: QueueDropped) => void
}

export interface QueueDropped {
  readonly tenant: string
  readonly signal: 'metrics' | 'logs'
  readonly reason: QueueDropReason
  readonly series: number
  readonly samples: number
}

export class Queues {
  readonly metrics: TenantQueues
  readonly logs: TenantQueues
  readonly store: Store

  constructor(options: QueuesOptions) {
    const { store, endpointIds = proxyEndpointIds, onQueueDropped, wallClock = Date.now, ...shared } = options
    const queuesOf = (endpoint: string, codec: Codec): TenantQueues =>
      new TenantQueues({
        ...shared,
        store,
        wallClock,
        endpoint,
        codec,
        onDropped: (tenant, reason, series, samples) =>
          onQueueDropped?.({ tenant, signal: codec.signal, reason, series, samples }),
      })
    this.store = store
    this.metrics = queuesOf(endpointIds.metrics, remoteWrite1)
    this.logs = queuesOf(endpointIds.logs, lokiPush)
  }

  /** These queues keep storing and send nothing, over restarts. Rejects with SluiceError STORE_UNAVAILABLE. */
  async pause(filter: QueueFilter): Promise<void> {
    await this.store.pause(filter)
    for (const queues of [this.metrics, this.logs]) queues.pausesChanged(filter)
  }

  /** Ends pauses that lie within the filter. False: a wider one still holds some of these queues. */
  async resume(filter: QueueFilter): Promise<boolean> {
    const isFree = await this.store.resume(filter)
    for (const queues of [this.metrics, this.logs]) queues.pausesChanged(filter)
    return isFree
  }

  /** Deletes what these queues have stored; what is not stored goes on. */
  async drop(filter: QueueFilter): Promise<void> {
    await this.store.drop(filter)
    for (const queues of [this.metrics, this.logs]) queues.dropped(filter)
  }

  /** These queues try at once, whatever they wait for; paused ones stay so. Returns how many there are. */
  drain(filter: QueueFilter): number {
    return this.metrics.hurry(filter) + this.logs.hurry(filter)
  }

  /** See `TenantQueues.stop`. */
  async stop(withinMs: number): Promise<void> {
    await Promise.all([this.metrics.stop(withinMs), this.logs.stop(withinMs)])
  }

  close(): void {
    this.metrics.close()
    this.logs.close()
  }
}
