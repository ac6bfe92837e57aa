// What a queue lane asks of the tenant it belongs to.

import type { QueueSettings } from '../../config/queue-settings.ts'
import type { Codec } from '../../wire/codec.ts'
import type { Queue } from '../store/key.ts'
import type { Store } from '../store/store.ts'
import type { Errand, QueueJob } from './queue-job.ts'
import type { QueueMetrics } from './queue-metrics.ts'

/** Why samples were given up by a queue; what the store gives up it reports itself. */
export type QueueDropReason = 'refused' | 'too_old'

export interface LaneHost {
  readonly tenant: string
  readonly queue: Queue
  readonly codec: Codec
  readonly store: Store
  readonly settings: QueueSettings
  /** Samples that may wait in one lane before they are stored. */
  readonly laneCapacity: number
  readonly metrics: QueueMetrics
  /** Whole time for an attempt, in ms. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly wallClock: () => number
  /** No request may begin now: pause, backoff, rate limit, or somebody else is before this lane. */
  isHeld(lane: object): boolean
  /** There is no grace: something is stored, the last attempt failed, or requests are held. */
  readonly isBehind: boolean
  /** What holds requests up, in words for senders, and for how long as far as that is known. */
  readonly trouble: { readonly text: string; readonly waitMs: number }
  /** Asks for a slot; the errand is told once, later, how it ended, when the tenant's backoff has taken note of it. */
  send(errand: Errand): QueueJob
  /** Something changed that other lanes of the tenant, or the time of the next look, may depend on. */
  changed(): void
  /** The store could not take something, and why; the latest of these. */
  onStoreRefused(error: unknown): void
  readonly storeError: unknown
  onDropped(reason: QueueDropReason, series: number, samples: number): void
}
