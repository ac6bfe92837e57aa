// How data goes from component to component: a receiver takes a batch and tells how its parts ended. Whoever took a
// push from a sender merges what all receivers told into one answer; where no sender waits, it is only counted.

import type { PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Rejected } from '../../tenancy/rejected.ts'
import type { Batch } from '../../wire/batch.ts'

/** A batch on its way, and whose it is. */
export interface Flow {
  /** Uncompressed. Its bytes are the giver's again as soon as `receive` has returned (not: settled). */
  readonly batch: Batch
  /** Headers that travel upstream (User-Agent, Retry-Attempt, traceparent); names in lower case. */
  readonly travelling: Readonly<Record<string, string>>
  /** What else shapes routing or tells two equal batches apart: the sender's tenant header, an identity. '' for none. */
  readonly identity: string
  /** A sender waits: what is refused is told. Without one, refused means dropped. */
  readonly isAwaited: boolean
  /** `ip:port` of the sender, for people; '' for none. */
  readonly client: string
}

/** How all of a batch ended. */
export interface Settled {
  readonly parts: readonly PartAnswer[]
  readonly rejected: readonly Rejected[]
}

export interface Receiver {
  /** Id of the component (and the place in it) that it belongs to: `prometheus.remote_write.mimir`. */
  readonly id: string
  readonly signal: 'metrics' | 'logs'
  /**
   * Takes a batch. All that needs its bytes happens before this returns; the promise settles once every part is
   * delivered, refused or stored. Rejects with SluiceError where the batch as a whole is refused.
   */
  receive(flow: Flow): Promise<Settled>
}

/** Name of the capsules that hold receivers, as Alloy's texts have it. */
export const capsuleNames = { metrics: 'storage.Appendable', logs: 'loki.LogsReceiver' } as const
