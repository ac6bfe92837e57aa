// The endpoints of a running program, as those see them who measure, list and command: a proxy has two in one pipeline,
// an agent's have a pipeline each.

import type { QueueFilter } from '../send/store/queue-filter.ts'
import type { Store } from '../send/store/store.ts'
import type { Endpoint } from './endpoint.ts'
import type { Pipeline } from './pipeline.ts'
import { proxyEndpointIds } from './queues.ts'

export interface LiveEndpoint {
  /** As in the store and in metrics. */
  readonly id: string
  readonly signal: 'metrics' | 'logs'
  readonly pipeline: Pipeline
}

/** Those of a proxy. */
export const proxyEndpoints = (pipeline: Pipeline): readonly LiveEndpoint[] => [
  { id: proxyEndpointIds.metrics, signal: 'metrics', pipeline },
  { id: proxyEndpointIds.logs, signal: 'logs', pipeline },
]

/** As its settings are now. */
export const currentOf = ({ pipeline, signal }: LiveEndpoint): Endpoint => pipeline.current[signal]

/** Commands to the queues of several pipelines over one store. `all` is asked anew for each. */
export function commandQueues(store: Store, all: () => readonly LiveEndpoint[]) {
  const queues = () => all().flatMap(({ pipeline, signal }) => pipeline.queues?.[signal] ?? [])
  return {
    async pause(filter: QueueFilter): Promise<void> {
      await store.pause(filter)
      for (const one of queues()) one.pausesChanged(filter)
    },
    async resume(filter: QueueFilter): Promise<boolean> {
      const isFree = await store.resume(filter)
      for (const one of queues()) one.pausesChanged(filter)
      return isFree
    },
    async drop(filter: QueueFilter): Promise<void> {
      await store.drop(filter)
      for (const one of queues()) one.dropped(filter)
    },
    drain: (filter: QueueFilter): number => queues().reduce((sum, one) => sum + one.hurry(filter), 0),
  }
}
