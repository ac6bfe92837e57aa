// How data goes from component to component: a receiver takes a batch and tells how its parts ended. Whoever took a
// push from a sender merges what all receivers told into one answer; where no sender waits, it is only counted.

import type { GivenBatch, Settled } from '../../pipeline/given-batch.ts'

export type { Settled } from '../../pipeline/given-batch.ts'

/** A batch on its way, and whose it is. What makes another batch of it passes it on by `transformed`. */
export type Flow = GivenBatch

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
