// What a push brings along where its sender is this very program: the library's pushes. Those of a listener have none.

import type { Carrier, Shipment } from '../send/lane.ts'
import { sharedSignal } from '../send/shared-signal.ts'
import type { PartAnswer } from '../tenancy/merge-answers.ts'

export interface Caller extends Carrier {
  /** All headers that travel with every part; names in lower case. */
  readonly travelling: Shipment['travelling']
  /** What else tells two pushes of the same bytes apart: whose they are. */
  readonly identity: string
  /** Told how a part of so many series (or streams) ended, before the push is answered; once for each part. Never throws. */
  readonly onPart?: (answer: PartAnswer, series: number) => void
}

/** How long metadata, which nobody waits for, may take if no signal ends it before, in ms. */
const metadataMs = 30_000

/** How metadata goes out: as parts of this caller's pushes do. */
export function metadataCarrier({ send, signal, timeoutMs = metadataMs }: Caller): Carrier {
  return { send, timeoutMs, ...(signal && { signal }) }
}

/** The same, later, when its push is over and so is what ends it. */
export const heldCarrier = ({ send }: Caller): Carrier => ({ send, timeoutMs: metadataMs })

/** Settles as `work` does, or rejects with the signal's reason once it is aborted. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason)
    const done = (): void => signal.removeEventListener('abort', aborted)
    sharedSignal(signal).addEventListener('abort', aborted)
    work.then(resolve, reject).finally(done)
    if (signal.aborted) aborted()
  })
}
