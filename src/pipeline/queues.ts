// The queues of both signals over one store. They outlive every generation.

import type { QueueDropReason } from '../send/queue/lane-host.ts'
import { TenantQueues } from '../send/queue/tenant-queues.ts'
import type { Store } from '../send/store/store.ts'
import { BacklogWatch } from './backlog-watch.ts'
import type { LimitedLog } from './report.ts'

/** Stable ids of a pipeline's endpoints: part of the keys in the store. */
export interface EndpointIds {
  readonly metrics: string
  readonly logs: string
}

/** Those that a proxy has. */
export const proxyEndpointIds: EndpointIds = { metrics: 'proxy/metrics', logs: 'proxy/loki' }

export interface QueuesOptions {
  readonly store: Store
  readonly log: LimitedLog
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
  /** Id of the endpoint. */
  readonly endpoint: string
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
  readonly #backlogs: BacklogWatch

  constructor(options: QueuesOptions) {
    const { store, log, endpointIds = proxyEndpointIds, onQueueDropped, wallClock = Date.now, ...shared } = options
    const queuesOf = (endpoint: string, signal: 'metrics' | 'logs'): TenantQueues =>
      new TenantQueues({
        ...shared,
        store,
        wallClock,
        endpoint,
        signal,
        onDropped: (tenant, reason, series, samples) =>
          onQueueDropped?.({ endpoint, tenant, signal, reason, series, samples }),
      })
    this.store = store
    this.metrics = queuesOf(endpointIds.metrics, 'metrics')
    this.logs = queuesOf(endpointIds.logs, 'logs')
    this.#backlogs = new BacklogWatch(log, ({ signal, tenant }) => this[signal].get(tenant)?.trouble.text)
  }

  /** Logs who has fallen behind or caught up since; to be called every second. */
  watch(now: number): void {
    // The store may be that of other pipelines too.
    const own = this.store.list(({ signal, endpoint }) => this[signal].endpoint === endpoint)
    this.#backlogs.look(own, now)
  }

  /** See `TenantQueues.drain`. */
  async drain(withinMs: number): Promise<void> {
    await Promise.all([this.metrics.drain(withinMs), this.logs.drain(withinMs)])
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
