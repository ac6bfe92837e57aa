// Where the queues of an endpoint send to, under one settings generation. A reload puts another in its place.

import type { QueueSettings } from '../../config/queue-settings.ts'
import type { Lanes } from '../lanes.ts'
import type { Scheduler } from '../scheduler.ts'
import type { QueueMetrics } from './queue-metrics.ts'

export interface Uplink {
  readonly lanes: Lanes
  readonly scheduler: Scheduler
  readonly settings: QueueSettings
  readonly metrics: QueueMetrics
  /** Requests of one tenant at one time, at least 1. */
  readonly maxInFlightPerTenant: number
  /** A request of this generation begins to wait or to go; `leave` must follow. */
  readonly enter: () => void
  readonly leave: () => void
}
