// What the queues of one endpoint have in common, under one settings generation.

import type { Signal } from '../lane-metrics.ts'
import type { Store } from '../store/store.ts'
import type { Entry } from './agenda.ts'
import type { QueueDropReason } from './lane-host.ts'
import type { Uplink } from './uplink.ts'

export interface QueueContext {
  readonly endpoint: string
  readonly signal: Signal
  readonly store: Store
  readonly now: () => number
  readonly wallClock: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** Sent upstream where the parts of a request bring none that is common to them. */
  readonly userAgent: string
  readonly uplink: Uplink
  /** The process is about to end: everything is stored, nothing begins to be sent. */
  readonly isStopping: boolean
  readonly schedule: (queue: Entry, at: number) => void
  /** Something was settled, stored or ended. */
  readonly onChanged: () => void
  readonly onDropped: (tenant: string, reason: QueueDropReason, series: number, samples: number) => void
}
